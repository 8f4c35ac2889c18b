import { describe, expect, it } from 'vitest';
import { judgeWatch } from './judge-watch.ts';
import type { ProbeEvent } from './probes/probe-event.ts';

function told(detail: string, endedMs: number, startedMs = endedMs - 100): ProbeEvent {
  return { kind: 'probe', probe: 'watch', from: 'here', startedMs, endedMs, ok: detail.includes(' change '), detail };
}

/** A change every 100 ms from one moment to another. */
function changes(client: string, peer: string, fromMs: number, toMs: number): readonly ProbeEvent[] {
  return Array.from({ length: (toMs - fromMs) / 100 + 1 }, (_, index) => told(`${client} change ${peer} ${index}`, fromMs + index * 100));
}

const about = { faultMs: 2000, window: { startMs: 0, endMs: 12_000 }, victim: 'm1' };

describe('judgeWatch', () => {
  const calm = changes('w1', 'm2', 0, 12_000);
  const cut = [...changes('w2', 'm1', 0, 2000), told('w2 cut m1 ECONNRESET', 2800, 10), ...changes('w2', 'm3', 3000, 12_000)];

  it('tells the victim’s watches from the others, and when their connection was cut', () => {
    expect(judgeWatch([...calm, ...cut], about)).toEqual({
      clients: 2,
      onVictim: 1,
      cut: 1,
      cutOnVictim: 1,
      slowestCutMs: 800,
      slowestCutOnVictimMs: 800,
      gapMs: 1000,
      allMoved: true,
    });
  });

  it('counts a cut through a dead balancer, whoever was behind it', () => {
    const through = [...changes('w3', 'm2', 0, 2000), told('w3 cut m2 silent', 8000, 10), ...changes('w3', 'm2', 8200, 12_000)];
    expect(judgeWatch([...calm, ...through], about)).toMatchObject({
      onVictim: 0,
      cut: 1,
      slowestCutMs: 6000,
      slowestCutOnVictimMs: undefined,
    });
  });

  it('does not take a later connection’s end for the cut', () => {
    const again = [...cut, told('w2 cut m3 goaway', 9000, 3000)];
    expect(judgeWatch(again, about)).toMatchObject({ slowestCutMs: 800 });
  });

  it('says when a client never heard of a change again, though nobody cut its connection', () => {
    expect(judgeWatch([...calm, ...changes('w4', 'm1', 0, 2000)], about)).toMatchObject({ cut: 0, allMoved: false, gapMs: 10_000 });
  });

  it('ignores other probes', () => {
    expect(judgeWatch([{ ...told('#1', 100), probe: 'writes' }], about)).toMatchObject({ clients: 0, gapMs: 0 });
  });
});
