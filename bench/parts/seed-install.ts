/** Puts the files of others in the place of trivet's on a running cluster, and trivet's back. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBundlePath } from '../../src/bundle/bundle-paths.ts';
import { type Lab, requireMachine } from '../../src/lab/lab-file.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { labSshCommand } from '../../src/lab/lab-ssh.ts';
import { runInLab } from '../../src/lab/run-in-lab.ts';
import { runLocal } from '../../src/local/run-local.ts';
import { masterNames, onMachine } from './on-machine.ts';
import { type BalancerSeed, type KeepalivedSeed, type SeedVariant, seedBalancer, seedKeepalived } from './seed-files.ts';

const saved = '/root/bench-keepalived';
const config = '/etc/keepalived/keepalived.conf';
const dropIn = '/etc/systemd/system/keepalived.service.d/10-trivet.conf';
const unit = '/etc/systemd/system/bench-seed.service';

/** Whether this box has what the variant needs. */
export async function seedAvailable(variant: SeedVariant): Promise<boolean> {
  return variant !== 'kube-vip' || (await kubeVipPath()) !== undefined;
}

/** trivet's own part stops, now and at boot; the other's runs. All machines must be on. */
export async function installSeed(lab: Lab, variant: SeedVariant): Promise<void> {
  switch (variant) {
    case '001-haproxy':
    case '001-nginx':
      return installBalancer(lab, variant);
    case 'kube-vip':
      return installKubeVip(lab);
    default:
      return installKeepalived(lab, variant);
  }
}

/** Puts trivet's files and units back wherever they were set aside. All machines must be on. */
export async function restoreOwn(lab: Lab): Promise<void> {
  const script = `set -eu
if [ -e ${unit} ]; then systemctl disable --now bench-seed; rm -f ${unit}; ip address del ${labNetwork.vip}/32 dev eth0 2> /dev/null || true; fi
if systemctl cat trivet-balancer > /dev/null 2>&1; then systemctl enable --now trivet-balancer; fi
[ -e ${saved}/complete ] || exit 0
systemctl stop keepalived
cp -p ${saved}/keepalived.conf ${config}; cp -p ${saved}/10-trivet.conf ${dropIn}
systemctl daemon-reload; systemctl enable --now trivet-vip-watch; systemctl enable keepalived; systemctl restart keepalived
if [ -e /root/bench-psmisc ]; then dpkg --purge psmisc; fi
rm -rf ${saved} /root/bench-psmisc`;
  for (const { name } of lab.machines) await onMachine(lab, name, script);
}

async function installKeepalived(lab: Lab, variant: KeepalivedSeed): Promise<void> {
  for (const machine of masterNames(lab)) {
    if (variant !== '000') await installKillall(lab, machine);
    await onMachine(
      lab,
      machine,
      `${setAside}rm -f ${dropIn}; cat > ${config}; systemctl daemon-reload; systemctl enable keepalived`,
      await seedKeepalived(variant, machine),
    );
  }
  await Promise.all(masterNames(lab).map((machine) => onMachine(lab, machine, 'systemctl start keepalived')));
}

const setAside = `set -eu
if [ ! -e ${saved}/complete ]; then mkdir -p ${saved}; cp -p ${config} ${dropIn} ${saved}/; : > ${saved}/complete; fi
systemctl stop keepalived; systemctl disable --now trivet-vip-watch
`;

async function installBalancer(lab: Lab, variant: BalancerSeed): Promise<void> {
  const text = await seedBalancer(variant);
  const command =
    variant === '001-haproxy'
      ? '/usr/sbin/haproxy -db -f /root/bench-seed.conf'
      : "/usr/sbin/nginx -c /root/bench-seed.conf -g 'daemon off;'";
  for (const { name } of lab.machines) {
    await onMachine(
      lab,
      name,
      `set -eu; cat > /root/bench-seed.conf\n${unitScript(command)}systemctl disable --now trivet-balancer; systemctl enable --now bench-seed`,
      text,
    );
  }
}

/** A unit that comes back after a boot, as the document's own would. */
function unitScript(command: string): string {
  return `cat > ${unit} <<'UNIT'
[Unit]
After=network-online.target
[Service]
ExecStart=${command}
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
`;
}

async function kubeVipPath(): Promise<string | undefined> {
  const found = await runLocal(['sh', '-c', 'command -v kube-vip']);
  return found.code === 0 ? found.stdout.trim() : undefined;
}

async function installKubeVip(lab: Lab): Promise<void> {
  const path = await kubeVipPath();
  if (path === undefined) throw new Error('there is no kube-vip on PATH');
  const environment = [
    'vip_arp=true',
    'vip_interface=eth0',
    'port=6443',
    'vip_subnet=32',
    'vip_cidr=32',
    'cp_enable=true',
    'cp_namespace=kube-system',
    'svc_enable=false',
    'vip_leaderelection=true',
    'vip_leaseduration=15',
    'vip_renewdeadline=10',
    'vip_retryperiod=2',
    `address=${labNetwork.vip}`,
  ];
  const command = `/usr/bin/env ${environment.join(' ')} vip_nodename=%H /root/kube-vip manager --k8sConfigPath /root/kube-vip.conf`;
  for (const machine of masterNames(lab)) {
    const { address } = requireMachine(lab, machine);
    await copyTo(lab, machine, path, 'cat > /root/kube-vip; chmod 755 /root/kube-vip');
    const access = `sed 's|server: .*|server: https://${address}:6443|' /etc/kubernetes/admin.conf > /root/kube-vip.conf`;
    await onMachine(lab, machine, `${setAside}systemctl disable keepalived; ${access}\n${unitScript(command)}systemctl enable bench-seed`);
  }
  await Promise.all(masterNames(lab).map((machine) => onMachine(lab, machine, 'systemctl start bench-seed')));
}

/** From the bundle, as the machines reach no mirror. */
async function installKillall(lab: Lab, machine: string): Promise<void> {
  const directory = join(lab.bundle ?? defaultBundlePath(), 'packages', lab.release);
  const deb = (await readdir(directory)).find((name) => name.startsWith('psmisc_'));
  if (deb === undefined) throw new Error(`the bundle has no psmisc in ${directory}`);
  const install =
    'command -v killall > /dev/null && exit 0; cat > /tmp/psmisc.deb; dpkg -i /tmp/psmisc.deb; rm /tmp/psmisc.deb; : > /root/bench-psmisc';
  await copyTo(lab, machine, join(directory, deb), install);
}

/** Feeds a local file to a script on the machine. */
async function copyTo(lab: Lab, machine: string, path: string, script: string): Promise<void> {
  const ssh = labSshCommand(lab.name, requireMachine(lab, machine), [`set -eu; ${script}`]);
  const result = await runInLab(lab.name, ['sh', '-c', 'exec "$@" < "$0"', path, ...ssh], { timeoutSeconds: 120 });
  if (result.code !== 0) throw new Error(`${path} could not be brought to ${machine}: ${result.stderr.trim()}`);
}
