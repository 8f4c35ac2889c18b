/** care as a static pod: the image that `npm run build` makes and the manifest that care prints, run by a worker's own kubelet. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withBuildLock } from '../../../src/bundle/build-lock.ts';
import { hostArchitecture, partsDirectory } from '../../../src/bundle/bundle-paths.ts';
import { careExecutable } from '../../../src/bundle/care-executable.ts';
import { writeCareImage } from '../../../src/bundle/care-image.ts';
import { readCareStatus } from '../../../src/care/show/read-status.ts';
import { version } from '../../../src/cli/version.ts';
import { labDirectories } from '../../../src/lab/lab-directories.ts';
import { emit, outputOf, until } from '../on-lab.ts';
import { copyTo } from './dataplane-on-machine.ts';

const manifest = '/etc/kubernetes/manifests/trivet-care.yaml';

export interface StaticPodFound {
  /** Every process of care is in a pod's cgroup. */
  readonly inPods: boolean;
  /** States of the backends, in their order: when it began, while one master is out of reach, and afterwards. */
  readonly began: readonly string[];
  readonly cut: readonly string[];
  readonly healed: readonly string[];
  /** Whether the kubelet has started it again after a kill. */
  readonly startedAgain: boolean;
}

/** The worker's unit makes place for the pod; then the unit is back and all is as before. */
export async function careAsStaticPod(lab: string): Promise<StaticPodFound> {
  const image = join(labDirectories(lab).directory, 'care-image.tar');
  await makeImage(image);
  await copyTo(lab, 'w1', image, '/root/care-image.tar');
  await rm(image);
  const on = (command: string) => outputOf(lab, 'w1', command);
  const states = async () => readCareStatus(await on('trivet care status -o json')).backends.map(({ state }) => state);
  const pids = async () => (await on('pgrep -f "^/usr/local/bin/trivet care --" || true')).split('\n').filter((pid) => pid !== '');
  const becomes = (what: string, seconds: number, wanted: string) =>
    until(what, seconds, async () => (await states()).join(' ') === wanted);
  await on('ctr -n k8s.io images import /root/care-image.tar && rm /root/care-image.tar');
  await on(
    `mkdir -p /etc/kubernetes/manifests && systemctl stop trivet-care && trivet care --config /etc/trivet/care.json --print-static-pod > /root/care.yaml && mv /root/care.yaml ${manifest}`,
  );
  try {
    await becomes('the pod finds all masters', 60, 'UP UP UP');
    const began = await states();
    const [first] = await pids();
    const cgroups = await on(`cat /proc/${first}/cgroup`);
    await on(
      "nft add table inet test-cut && nft 'add chain inet test-cut out { type filter hook output priority -300; }' && nft add rule inet test-cut out ip daddr 192.0.2.12 drop",
    );
    await becomes('the pod sees a master that is out of reach', 20, 'UP DOWN UP');
    const cut = await states();
    await on('nft delete table inet test-cut');
    await becomes('the pod sees the master again', 60, 'UP UP UP');
    const healed = await states();
    await on(`kill -KILL ${first}`);
    await until(
      'the kubelet starts it again',
      90,
      async () => (await pids()).some((pid) => pid !== first) && (await states()).length === 3,
    );
    return { inPods: cgroups.includes('kubepods'), began, cut, healed, startedAgain: true };
  } finally {
    await on(`nft delete table inet test-cut 2> /dev/null; rm -f ${manifest}; rmdir /etc/kubernetes/manifests`);
    await until('the pod is gone', 90, async () => (await pids()).length === 0);
    await on('systemctl reset-failed trivet-care; systemctl start trivet-care');
    await becomes('the unit as before', 60, 'UP UP UP');
    await on(`ctr -n k8s.io images rm trivet.local/care:v${version}`);
  }
}

async function makeImage(output: string): Promise<void> {
  const executable = await careExecutable({ emit });
  const maker = { parts: partsDirectory(), log: `${output}.log`, emit, signal: undefined };
  const reference = `trivet.local/care:v${version}`;
  await withBuildLock(maker.parts, maker, () => writeCareImage(maker, { executable, reference, architecture: hostArchitecture(), output }));
}
