import { describe, expect, it } from 'vitest';
import type { ProbeEvent } from './probes/probe-event.ts';
import { timeline } from './timeline.ts';

function probe(name: string, startedMs: number, ok: boolean): ProbeEvent {
  return { kind: 'probe', probe: name, from: 'here', startedMs, endedMs: startedMs + 10, ok };
}

/** An attempt every 50 ms from −1 s to +7 s; failed from the fault on for so long. */
function recording(name: string, outageMs: number): ProbeEvent[] {
  return Array.from({ length: 160 }, (_, index) => 1000 + index * 50).map((ms) => probe(name, ms, ms < 2000 || ms >= 2000 + outageMs));
}

const options = { faultMs: 2000, fault: 'power-off of m1', window: { startMs: 1000, endMs: 9000 } };

describe('timeline', () => {
  it('shows for each probe when it was served, in cells of 100 ms around the fault', () => {
    const lines = timeline([...recording('new connections', 600), ...recording('writes', 1100)], options);
    expect(lines).toEqual([
      '0 s is the power-off of m1. One character is 100 ms: █ served, ▒ some served, · none served.',
      '                         |0 s      |1 s      |2 s      |3 s      |4 s      |5 s      |6',
      `new connections  ${'█'.repeat(8)}${'·'.repeat(6)}${'█'.repeat(56)}`,
      `writes           ${'█'.repeat(8)}${'·'.repeat(11)}${'█'.repeat(51)}`,
      '',
      'new connections  longest gap 0.65 s (last success −0.04 s, next +0.61 s); 12 of 160 failed, the last of them at +0.55 s',
      'writes           longest gap 1.15 s (last success −0.04 s, next +1.11 s); 22 of 160 failed, the last of them at +1.05 s',
    ]);
  });

  it('says that a client never recovered', () => {
    expect(timeline(recording('writes', 9000), options).at(-1)).toMatch(
      /^writes {2}longest gap 7\.04 s \(last success −0\.04 s, none after it\)/,
    );
  });

  it("tells the worst delay of the probes' own process", () => {
    const late: ProbeEvent = { ...probe('own delay', 2000, false), endedMs: 2087 };
    expect(timeline([...recording('writes', 0), late], options).at(-1)).toBe("The probes' own process was late 1 times, by at most 87 ms.");
  });
});
