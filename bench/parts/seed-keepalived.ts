/**
 * The keepalived files of the documents that trivet learns from (bench/seeds), mended just enough to start on these machines,
 * put in place of trivet's own, and trivet's put back.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBundlePath } from '../../src/bundle/bundle-paths.ts';
import { type Lab, requireMachine } from '../../src/lab/lab-file.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { labSshCommand } from '../../src/lab/lab-ssh.ts';
import { runInLab } from '../../src/lab/run-in-lab.ts';
import { packageRoot } from '../../src/local/package-root.ts';
import { masterNames, onMachine } from './on-machine.ts';

export const seedVariants = ['000', '001-preempt', '001-nopreempt'] as const;
export type SeedVariant = (typeof seedVariants)[number];

interface Mend {
  readonly what: string;
  readonly from: RegExp;
  readonly to: string;
}

const subnet = labNetwork.vip.slice(0, labNetwork.vip.lastIndexOf('.'));

const mends: Readonly<Record<'000' | '001', readonly Mend[]>> = {
  '000': [
    { what: 'interface ens33 → eth0', from: /\bens33\b/g, to: 'eth0' },
    { what: `VIP 192.168.182.220/24 → ${labNetwork.vip}/24`, from: /192\.168\.182\.220/g, to: labNetwork.vip },
  ],
  '001': [
    { what: 'interface ens32 → eth0', from: /\bens32\b/g, to: 'eth0' },
    { what: `VIP 10.0.0.50 → ${labNetwork.vip}`, from: /\b10\.0\.0\.50\b/g, to: labNetwork.vip },
    { what: `masters 10.0.0.51–53 → ${subnet}.11–13`, from: /\b10\.0\.0\.5([123])\b/g, to: `${subnet}.1$1` },
  ],
};

/** Every difference to the documents, for people. */
export function mendsOf(variant: SeedVariant): readonly string[] {
  if (variant !== '000')
    return [
      ...mends['001'].map(({ what }) => what),
      'the package psmisc is installed: the check calls its killall, and trivet does not need it',
    ];
  return [
    ...mends['000'].map(({ what }) => what),
    'the line notification_email_from is left out (a private address; no mail is sent)',
    'not mended: track_script names a check_nginx that is defined nowhere; keepalived 2.3 ignores it with a warning, so nothing is checked',
  ];
}

/** The file for one master; an Error when a mend finds nothing to mend. */
export async function seedConfig(variant: SeedVariant, machine: string): Promise<string> {
  const path = join(packageRoot(), 'bench', 'seeds', variant, `${machine}.conf`);
  let text = await readFile(path, 'utf8');
  for (const { what, from, to } of mends[variant === '000' ? '000' : '001']) {
    const mended = text.replace(from, to);
    if (mended === text) throw new Error(`${path}: nothing to mend: ${what}`);
    text = mended;
  }
  return text;
}

const saved = '/root/bench-keepalived';
const config = '/etc/keepalived/keepalived.conf';
const dropIn = '/etc/systemd/system/keepalived.service.d/10-trivet.conf';

/** On every master: trivet's keepalived and watcher off, now and at boot; the seed's keepalived on. */
export async function installSeed(lab: Lab, variant: SeedVariant): Promise<void> {
  for (const machine of masterNames(lab)) {
    if (variant !== '000') await installKillall(lab, machine);
    const script = `set -eu
if [ ! -e ${saved}/complete ]; then mkdir -p ${saved}; cp -p ${config} ${dropIn} ${saved}/; : > ${saved}/complete; fi
systemctl stop keepalived; systemctl disable --now trivet-vip-watch
rm -f ${dropIn}; cat > ${config}; systemctl daemon-reload; systemctl enable keepalived`;
    await onMachine(lab, machine, script, await seedConfig(variant, machine));
  }
  await Promise.all(masterNames(lab).map((machine) => onMachine(lab, machine, 'systemctl start keepalived')));
}

/** From the bundle, as the machines reach no mirror. */
async function installKillall(lab: Lab, machine: string): Promise<void> {
  const directory = join(lab.bundle ?? defaultBundlePath(), 'packages', lab.release);
  const deb = (await readdir(directory)).find((name) => name.startsWith('psmisc_'));
  if (deb === undefined) throw new Error(`the bundle has no psmisc in ${directory}`);
  const install =
    'set -eu; command -v killall > /dev/null && exit 0; cat > /tmp/psmisc.deb; dpkg -i /tmp/psmisc.deb; rm /tmp/psmisc.deb; : > /root/bench-psmisc';
  const argv = ['sh', '-c', 'exec "$@" < "$0"', join(directory, deb), ...labSshCommand(lab.name, requireMachine(lab, machine), [install])];
  const result = await runInLab(lab.name, argv, { timeoutSeconds: 120 });
  if (result.code !== 0) throw new Error(`psmisc could not be installed on ${machine}: ${result.stderr.trim()}`);
}

/** Puts trivet's files and units back on every master where they were set aside. All masters must be on. */
export async function restoreOwn(lab: Lab): Promise<void> {
  const script = `set -eu
[ -e ${saved}/complete ] || exit 0
systemctl stop keepalived
cp -p ${saved}/keepalived.conf ${config}; cp -p ${saved}/10-trivet.conf ${dropIn}
systemctl daemon-reload; systemctl enable --now trivet-vip-watch; systemctl enable keepalived; systemctl restart keepalived
if [ -e /root/bench-psmisc ]; then dpkg --purge psmisc; fi
rm -rf ${saved} /root/bench-psmisc`;
  for (const machine of masterNames(lab)) await onMachine(lab, machine, script);
}
