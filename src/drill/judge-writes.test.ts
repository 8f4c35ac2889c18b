import { describe, expect, it } from 'vitest';
import { judgeWrites } from './judge-writes.ts';
import type { ProbeEvent } from './probes/probe-event.ts';

function write(number: number, ok: boolean, why = ''): ProbeEvent {
  return { kind: 'probe', probe: 'writes', from: 'here', startedMs: number * 50, endedMs: number * 50 + 9, ok, detail: `#${number}${why}` };
}

const recording = [
  write(0, true),
  write(1, true),
  write(2, false, ' no answer within 1000 ms'),
  write(3, false, ' ECONNREFUSED'),
  write(4, true),
];

describe('judgeWrites', () => {
  it('finds nothing lost when all acknowledged writes are there', () => {
    expect(judgeWrites(recording, new Set([0, 1, 4]))).toEqual({ acknowledged: 3, lost: [], unacknowledgedButThere: [], failed: 2 });
  });

  it('names each acknowledged write that is not there', () => {
    expect(judgeWrites(recording, new Set([0])).lost).toEqual([1, 4]);
  });

  it('allows a timed-out write to have happened', () => {
    expect(judgeWrites(recording, new Set([0, 1, 2, 4]))).toEqual({
      acknowledged: 3,
      lost: [],
      unacknowledgedButThere: [2],
      failed: 1,
    });
  });

  it('ignores events of other probes', () => {
    expect(judgeWrites([{ ...write(0, true), detail: 'status 200' }], new Set()).acknowledged).toBe(0);
  });
});
