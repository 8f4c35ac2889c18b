/** A load balancer as users bring it: haproxy on a machine that no cluster file names. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBundlePath } from '../../../src/bundle/bundle-paths.ts';
import { parseManifest } from '../../../src/bundle/parse-manifest.ts';
import { type Lab, requireMachine } from '../../../src/lab/lab-file.ts';
import { labSshCommand } from '../../../src/lab/lab-ssh.ts';
import { runInLab } from '../../../src/lab/run-in-lab.ts';
import { quote } from '../../../src/model/quote.ts';
import { outputOf } from '../on-lab.ts';

/** On l1, 192.0.2.41:6443, in front of all masters. */
export async function balancerByHand(lab: Lab): Promise<void> {
  const bundle = lab.bundle ?? defaultBundlePath();
  const files = await packagesOf(bundle, 'haproxy');
  const ssh = labSshCommand(lab.name, requireMachine(lab, 'l1'), [
    'set -e; mkdir /root/debs; tar -C /root/debs -xf -; DEBIAN_FRONTEND=noninteractive dpkg -i /root/debs/packages/*/*.deb; rm -r /root/debs',
  ]);
  const sent = await runInLab(lab.name, ['sh', '-c', `tar -C ${quote([bundle, '-cf', '-', ...files])} | ${quote(ssh)}`], {
    timeoutSeconds: 180,
  });
  if (sent.code !== 0) throw new Error(`haproxy could not be installed on l1: ${sent.stderr}`);
  const text = Buffer.from(config).toString('base64');
  await outputOf(
    lab.name,
    'l1',
    `echo ${text} | base64 -d > /etc/haproxy/haproxy.cfg && systemctl enable haproxy && systemctl restart haproxy`,
  );
}

/** Paths in the bundle of a package and of all that it needs. */
async function packagesOf(bundle: string, name: string): Promise<readonly string[]> {
  const parsed = parseManifest(await readFile(join(bundle, 'manifest.json'), 'utf8'));
  if ('problems' in parsed) throw new Error(`${bundle}: ${parsed.problems.join('; ')}`);
  const wanted = new Set([name]);
  const packages = parsed.manifest.files.filter((file) => file.package !== undefined);
  // A set is walked in the order of insertion, those added on the way too.
  for (const one of wanted) for (const need of packages.find((file) => file.package?.name === one)?.package?.needs ?? []) wanted.add(need);
  return packages.filter((file) => wanted.has(file.package?.name ?? '')).map((file) => file.path);
}

const config = `global
    maxconn 4000
defaults
    mode tcp
    timeout connect 300ms
    timeout client 1h
    timeout server 1h
    option redispatch 1
frontend api
    bind 192.0.2.41:6443
    default_backend masters
backend masters
    option httpchk GET /readyz
    default-server check check-ssl verify none inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions
    server m1 192.0.2.11:6443
    server m2 192.0.2.12:6443
    server m3 192.0.2.13:6443
`;
