import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LossRecording, saveLossRecording } from '../../../bench/parts/loss-recording.ts';
import type { ProbeEvent } from '../../../src/drill/probes/probe-event.ts';
import { readRecording } from '../../../src/drill/recording/read-recording.ts';
import { judgeRecording } from '../../../src/drill/verdict.ts';

let state: string;
let before: string | undefined;

beforeEach(async () => {
  before = process.env.XDG_STATE_HOME;
  state = await mkdtemp(join(tmpdir(), 'trivet-loss-'));
  process.env.XDG_STATE_HOME = state;
});

afterEach(async () => {
  if (before === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = before;
  await rm(state, { recursive: true, force: true });
});

/** On a clock that began long ago: every 50 ms for 10 s, none served for 400 ms after 5 s. */
function attempts(probe: string, from: string): readonly ProbeEvent[] {
  return Array.from({ length: 200 }, (_, index) => {
    const startedMs = 900_000 + index * 50;
    const ok = startedMs < 905_000 || startedMs >= 905_400;
    return { kind: 'probe', probe, from, startedMs, endedMs: startedMs + 9, ok, ...(probe === 'writes' && { detail: `#${index}` }) };
  });
}

function input(lost: number | undefined): LossRecording {
  const outside = [...attempts('new connections', 'outside'), ...attempts('writes', 'outside')];
  const there = outside.filter(({ probe, ok }) => probe === 'writes' && ok).map(({ detail }) => Number(detail?.slice(1)));
  return {
    lab: { name: 'lab', machines: [{ name: 'm1', address: '192.0.2.11', role: 'master', kind: 'nspawn' }] },
    variant: { scheme: 'vip-on-masters', proxy: 'nginx' },
    trivet: '0.1.0',
    victim: 'm1',
    cut: {
      outside,
      worker: attempts('new connections', 'worker'),
      times: { faultMs: 905_000, window: { startMs: 900_000, endMs: 910_000 }, victim: 'm1' },
    },
    outside: ['new connections', 'writes'],
    worker: ['new connections'],
    readBack: new Map(there.filter((number) => number !== lost).map((number, index) => [number, 100 + index])),
    readBackMs: 910_500,
    poweredOnMs: 911_000,
    wholeMs: 930_000,
    now: new Date('2026-11-21T10:00:30Z'),
  };
}

test('saveLossRecording writes a recording that is whole, from the first attempt on, and passes', async () => {
  const recording = await readRecording(saveLossRecording(input(undefined)));
  expect(recording).toMatchObject({
    defects: [],
    endMs: 30_000,
    header: { scheme: 'vip-on-masters/nginx', startedAt: '2026-11-21T10:00:00.000Z' },
  });
  const verdict = judgeRecording(recording);
  expect(verdict).toMatchObject({ result: 'pass', recover: { ms: 19_000 } });
  expect(verdict.gaps[0]).toMatchObject({ probe: 'new connections', from: 'outside', gapMs: 450 });
});

test('saveLossRecording keeps what shows a lost write', async () => {
  const verdict = judgeRecording(await readRecording(saveLossRecording(input(42))));
  expect(verdict.reasons).toMatchObject([{ rule: 'lost-write', text: '1 acknowledged write from outside lost: #42' }]);
});
