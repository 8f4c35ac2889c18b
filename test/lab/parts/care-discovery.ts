/** Masters that a node's care was never told of: it finds them by itself, on a real cluster with the kubelet's own credentials. */

import { readCareStatus } from '../../../src/care/show/read-status.ts';
import type { CareStatus } from '../../../src/care/status.ts';
import { outputOf, until } from '../on-lab.ts';

const file = '/etc/trivet/care.json';

/** The worker's care begins again, knowing m1 alone and remembering nobody. Gives its status once it has three; then all is as before. */
export async function foundByDiscovery(lab: string): Promise<CareStatus> {
  const told = await outputOf(lab, 'w1', `cat ${file}`);
  const settings: Record<string, unknown> = JSON.parse(told);
  const first = JSON.stringify({ ...settings, rs: ['192.0.2.11:6443'] });
  await outputOf(
    lab,
    'w1',
    `systemctl stop trivet-care && rm -f /var/lib/trivet-care/members-* && ${written(first)} && systemctl start trivet-care`,
  );
  try {
    // Just begun it says by its exit status that it does not serve yet.
    let status: CareStatus | undefined;
    await until('three masters in the worker’s care', 30, async () => {
      status = await statusOnWorker(lab);
      return status.backends.filter(({ state }) => state === 'UP').length === 3;
    });
    if (status === undefined) throw new Error('no status');
    return status;
  } finally {
    await outputOf(lab, 'w1', `${written(`${told}\n`)} && systemctl restart trivet-care`);
    await until('the worker’s care as before', 30, async () => (await statusOnWorker(lab)).backends.every(({ state }) => state === 'UP'));
  }
}

function written(text: string): string {
  return `printf %s '${text}' > ${file}`;
}

async function statusOnWorker(lab: string): Promise<CareStatus> {
  return readCareStatus(await outputOf(lab, 'w1', 'trivet care status -o json'));
}
