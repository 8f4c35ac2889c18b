import { expect, it } from 'vitest';
import { readProbeEvent } from './probe-event.ts';

const event = { kind: 'probe', probe: 'writes', from: 'w1', startedMs: 1, endedMs: 2, ok: false } as const;

it('readProbeEvent: keeps a write’s outcome and a revision, which old recordings lack', () => {
  expect(readProbeEvent(JSON.stringify({ ...event, outcome: 'refused' }))).toEqual({ ...event, outcome: 'refused' });
  expect(readProbeEvent(JSON.stringify({ ...event, ok: true, revision: 12 }))).toEqual({ ...event, ok: true, revision: 12 });
  expect(readProbeEvent(JSON.stringify(event))).toEqual(event);
});
