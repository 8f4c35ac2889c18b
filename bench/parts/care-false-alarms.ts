/** Lost packets and a daemon that stands still now and then, for minutes: nobody may be taken for dead. */

import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { CareDaemon } from './care-daemon.ts';
import { type CareLab, careNode } from './care-lab.ts';
import type { FalseAlarms } from './care-result.ts';
import { onMachine } from './on-machine.ts';

const lossPercent = 1;
const stallMs = 300;
const pauseMs = { least: 2000, most: 8000 };

/** All backends are UP when it begins. */
export async function falseAlarms(
  care: CareLab,
  daemon: CareDaemon,
  { guard, minutes, signal }: { readonly guard: 'nft' | 'proxy'; readonly minutes: number; readonly signal: AbortSignal },
): Promise<FalseAlarms> {
  const sinceMs = monotonicMs();
  const pid = await daemon.pid();
  let stalls = 0;
  await onMachine(care.lab, careNode, `nft '${lossy('input')} ${lossy('output')}'`);
  try {
    const endMs = sinceMs + minutes * 60_000;
    while (monotonicMs() < endMs) {
      const pause = pauseMs.least + Math.random() * (pauseMs.most - pauseMs.least);
      await delay(Math.min(pause, Math.max(0, endMs - monotonicMs())), undefined, { signal });
      process.kill(pid, 'SIGSTOP');
      await delay(stallMs);
      process.kill(pid, 'SIGCONT');
      stalls += 1;
    }
  } finally {
    await onMachine(care.lab, careNode, 'nft delete table inet loss');
  }
  const log = await daemon.log(sinceMs);
  return {
    guard,
    minutes,
    lossPercent,
    stalls,
    stallMs,
    suspects: log.filter(({ to }) => to === 'SUSPECT').length,
    downs: log.filter(({ to }) => to === 'DOWN').map(({ ms, message }) => `after ${((ms - sinceMs) / 1000).toFixed(1)} s: ${message}`),
  };
}

/** Both ways, before anything of care's sees the packet. */
function lossy(hook: 'input' | 'output'): string {
  const chain = `inet loss ${hook}`;
  const drop = `numgen random mod 1000 < ${lossPercent * 10} drop`;
  return `add table inet loss; add chain ${chain} { type filter hook ${hook} priority -400; }; add rule ${chain} ${hook === 'input' ? 'iifname' : 'oifname'} != "lo" ${drop};`;
}
