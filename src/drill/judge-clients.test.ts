import { expect, it } from 'vitest';
import { judgeClients } from './judge-clients.ts';
import type { ProbeEvent } from './probes/probe-event.ts';

const times = { faultMs: 1000, window: { startMs: 0, endMs: 5000 }, victim: 'm1' };

function told(probe: string, startedMs: number, ok = true, lastedMs = 10): ProbeEvent {
  return { kind: 'probe', probe, from: 'worker', startedMs, endedMs: startedMs + lastedMs, ok };
}

it('judgeClients: gaps by probe with their place around the fault, the process’s own delay, and no watch where there was none', () => {
  const events = [
    ...[0, 500, 990].map((ms) => told('new connections', ms)),
    told('new connections', 1100, false),
    ...[1700, 2500, 3300, 4100, 4900].map((ms) => told('new connections', ms)),
    told('kubelet', 900, true, 3000),
    told('own delay', 2000, false, 87),
  ];
  expect(judgeClients('worker', events, times)).toEqual({
    from: 'worker',
    gaps: {
      'new connections': { gapMs: 800, beginAtMs: 710, endAtMs: 1510, attempts: 9, failed: 1 },
      kubelet: { gapMs: 3900, beginAtMs: undefined, endAtMs: 2900, attempts: 1, failed: 0 },
    },
    watch: undefined,
    ownDelayMs: 87,
  });
});

it('judgeClients: a probe that was never served shows the whole window', () => {
  const { gaps } = judgeClients('worker', [told('writes', 100, false)], times);
  expect(gaps.writes).toMatchObject({ gapMs: 5000, endAtMs: undefined, failed: 1 });
});
