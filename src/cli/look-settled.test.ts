import { expect, test } from 'vitest';
import type { ClusterStatus } from '../status/cluster-status.ts';
import { lookSettled } from './look-settled.ts';

const leader = (current: boolean) => ({ of: 'kube-scheduler' as const, holder: 'm1', since: undefined, current });
const status = (current: boolean, ...problems: readonly string[]) =>
  ({
    healthy: current && problems.length === 0,
    problems: [...problems, ...(current ? [] : ['no kube-scheduler leads: …'])],
    leaders: [leader(current)],
  }) as unknown as ClusterStatus;

async function looked(...answers: readonly ClusterStatus[]): Promise<{ readonly last: ClusterStatus; readonly looks: number }> {
  let looks = 0;
  const look = async () => answers[Math.min(looks++, answers.length - 1)] as ClusterStatus;
  return { last: await lookSettled(look, { signal: AbortSignal.timeout(5000), everyMs: 1 }), looks };
}

test('lookSettled waits for an election, and for nothing else', async () => {
  expect(await looked(status(true))).toMatchObject({ last: { healthy: true }, looks: 1 });
  expect(await looked(status(false), status(false), status(true))).toMatchObject({ last: { healthy: true }, looks: 3 });
  expect(await looked(status(true, 'node w1 is NotReady'))).toMatchObject({ last: { healthy: false }, looks: 1 });
  expect(await looked(status(false), status(false, 'node w1 is NotReady'))).toMatchObject({ last: { healthy: false }, looks: 2 });
});
