/** How a trial of bench/care.ts reads what its clients saw. */

import { describe, expect, it } from 'vitest';
import { seenBy } from '../../../bench/parts/care-trial.ts';
import type { ProbeEvent } from '../../../src/drill/probes/probe-event.ts';

const request = (startedMs: number, endedMs: number, ok = true): ProbeEvent => ({
  kind: 'probe',
  probe: 'new connections',
  from: 'w1',
  startedMs,
  endedMs,
  ok,
});

describe('seenBy', () => {
  it('takes for a refused client’s wait the time until one that began after its refusal was served', () => {
    const seen = seenBy([request(1000, 1300, false), request(1200, 1210), request(1320, 1330)], 1000);
    expect(seen).toMatchObject({ longestWaitMs: 330, lastTroubleMs: 0, attempts: 3, failed: 1 });
  });

  it('counts a request that was under way from the fault on, and one that ended before it not at all', () => {
    expect(seenBy([request(900, 950, false), request(980, 1040)], 1000)).toMatchObject({ longestWaitMs: 40, attempts: 1, failed: 0 });
  });

  it('tells when the last failing or slow one began; who was refused met the next one’s fate', () => {
    const seen = seenBy([request(1000, 1010), request(1040, 1060, false), request(1100, 2100), request(1120, 1130)], 1000);
    expect(seen).toMatchObject({ lastTroubleMs: 100, longestWaitMs: 1060 });
  });

  it('who was never served waited until the end', () => {
    expect(seenBy([request(1000, 1010), request(1020, 4020, false)], 1000)).toMatchObject({ longestWaitMs: 3000, failed: 1 });
  });
});
