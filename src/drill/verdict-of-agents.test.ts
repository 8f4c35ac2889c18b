import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../model/event.ts';
import { readRecording } from './recording/read-recording.ts';
import type { Recording } from './recording/recording.ts';
import { judgeRecording, type Verdict } from './verdict.ts';

const testdata = join(import.meta.dirname, 'testdata');
const cutOff = await readRecording(join(testdata, 'cut-off.ndjson'));
const rolling = await readRecording(join(testdata, 'rolling-update.ndjson'));

type Probe = Extract<RecordedEvent, { kind: 'probe' }>;

/** The recording with other events in place of each; none takes it out. */
function otherwise(recording: Recording, each: (event: RecordedEvent) => readonly RecordedEvent[]): Recording {
  return { ...recording, lines: recording.lines.flatMap(({ line, event }) => each(event).map((other) => ({ line, event: other }))) };
}

function withEvents(recording: Recording, events: readonly RecordedEvent[]): Recording {
  const time = (event: RecordedEvent) => (event.kind === 'probe' ? event.endedMs : event.atMs);
  const lines = [...recording.lines, ...events.map((event) => ({ line: 9999, event }))].toSorted((a, b) => time(a.event) - time(b.event));
  return { ...recording, lines };
}

function rules({ reasons }: Verdict): readonly string[] {
  return reasons.map(({ verdict, rule }) => `${verdict} ${rule}`);
}

function probeAt(recording: Recording, probe: string, from: string, startedMs: number): Probe {
  for (const { event } of recording.lines) {
    if (event.kind === 'probe' && event.probe === probe && event.from === from && event.startedMs === startedMs) return event;
  }
  throw new Error(`no ${probe} from ${from} at ${startedMs}`);
}

const lastWriteOutside = probeAt(cutOff, 'writes', 'outside', 4000);

/** A read at w1 that began so long after the acknowledgement of a write from outside, and shows less than that. */
function staleBy(afterMs: number): Recording {
  const startedMs = lastWriteOutside.endedMs + afterMs;
  const revision = (lastWriteOutside.revision ?? 0) - 1;
  return withEvents(cutOff, [
    { kind: 'probe', probe: 'linearizable reads', from: 'w1', startedMs, endedMs: startedMs + 3, ok: true, revision },
  ]);
}

describe('judgeRecording of probes in several places', () => {
  it('passes, as a machine that is cut off keeps its address; that is told', () => {
    const verdict = judgeRecording(cutOff);
    expect(verdict.result).toBe('pass');
    expect(verdict.reasons).toMatchObject([
      {
        verdict: 'note',
        rule: 'split-vip',
        text: 'm1 and m2 had the VIP at once for 3.78 s; VRRP on one of them was cut off by the fault',
      },
    ]);
    expect(verdict.writes.map(({ from, lost, ordered }) => [from, lost.length, ordered])).toEqual([
      ['outside', 0, true],
      ['w1', 0, true],
      ['m2', 0, true],
    ]);
  });

  it('fails a stale read of another place, later than the clocks’ error', () => {
    expect(judgeRecording(staleBy(6)).reasons[0]).toMatchObject({
      rule: 'stale-read',
      text: `1 stale read: the first shows revision ${(lastWriteOutside.revision ?? 0) - 1}, when revision ${lastWriteOutside.revision} had been seen before it began`,
    });
  });

  it('does not call a read stale that came within the clocks’ error of a write elsewhere', () => {
    expect(judgeRecording(staleBy(3)).result).toBe('pass');
  });

  it('does not compare reads and writes of two etcd clusters', () => {
    const behind = otherwise(cutOff, (event) => [
      event.kind === 'probe' && event.probe === 'linearizable reads' && event.revision !== undefined
        ? { ...event, revision: event.revision - 500 }
        : event,
    ]);
    expect(rules(judgeRecording(behind))).toEqual(['note two-histories', 'note split-vip']);
    const ahead = otherwise(cutOff, (event) => [
      event.kind === 'probe' && event.probe === 'linearizable reads' && event.revision !== undefined
        ? { ...event, revision: event.revision + 500 }
        : event,
    ]);
    expect(rules(judgeRecording(ahead))).toEqual(['note two-histories', 'note split-vip']);
  });

  it('fails a write from a machine that was acknowledged and is lost', () => {
    const lost = otherwise(cutOff, (event) => [
      event.kind === 'read-back' && event.from === 'm2' ? { ...event, writes: event.writes.filter(([number]) => number !== 40) } : event,
    ]);
    expect(judgeRecording(lost).reasons[0]).toMatchObject({ rule: 'lost-write', text: '1 acknowledged write from m2 lost: #40' });
  });

  it('fails a write that never left its client and is there', () => {
    const there = otherwise(cutOff, (event) => [
      event.kind === 'read-back' && event.from === 'w1' ? { ...event, writes: [...event.writes, [20, 1200]] } : event,
    ]);
    expect(rules(judgeRecording(there))).toContain('fail refused-but-there');
  });

  it('is inconclusive where a clock is not known well enough', () => {
    const vague = { ...cutOff, header: { ...cutOff.header, clocks: [{ from: 'w1', errorMs: 60 }] } };
    expect(rules(judgeRecording(vague))).toContain('inconclusive clock');
  });

  it('does not call a time too long by less than the clocks’ error', () => {
    const failOver = judgeRecording(cutOff).failOverMs ?? 0;
    expect(rules(judgeRecording(cutOff, new Map([['fail-over', failOver - 3]])))).toContain('inconclusive budget');
    expect(rules(judgeRecording(cutOff, new Map([['fail-over', failOver - 5]])))).toContain('fail budget');
  });
});

describe('judgeRecording of what the cluster must never be in', () => {
  const both = (fromMs: number, toMs: number): readonly RecordedEvent[] => [
    { kind: 'vip', atMs: fromMs, owner: 'm2', owners: ['m2', 'm3'] },
    { kind: 'vip', atMs: toMs, owner: 'm2' },
  ];

  it('fails two machines with the VIP at once', () => {
    const verdict = judgeRecording(withEvents(rolling, both(4000, 5500)));
    expect(verdict.reasons).toMatchObject([{ verdict: 'fail', rule: 'split-vip', text: 'm2 and m3 had the VIP at once for 1.50 s' }]);
  });

  it('only notes it for as long as VRRP may take to settle it', () => {
    expect(rules(judgeRecording(withEvents(rolling, both(4000, 4800))))).toEqual(['note split-vip']);
  });

  it('fails it when the machine that was cut off does not let go after its healing', () => {
    const kept = otherwise(cutOff, (event) => (event.kind === 'vip' && event.atMs === 6240 ? [] : [event]));
    const longer = { ...kept, endMs: 12_000, lines: [...kept.lines] };
    expect(rules(judgeRecording(longer))).toContain('fail split-vip');
  });

  it('fails it when neither of the two is the machine that the fault is on', () => {
    expect(rules(judgeRecording(withEvents(cutOff, both(3000, 4500))))).toContain('fail split-vip');
  });

  it('fails two leaders of etcd in one term, and not one after the other', () => {
    const leader = (holder: string, term: number): RecordedEvent => ({ kind: 'leader', atMs: 3000, of: 'etcd', holder, term });
    expect(judgeRecording(withEvents(rolling, [leader('m3', 4)])).reasons).toMatchObject([
      { verdict: 'fail', rule: 'two-leaders', text: 'm2 and m3 both led etcd in term 4' },
    ]);
    expect(judgeRecording(withEvents(rolling, [leader('m3', 5)])).result).toBe('pass');
  });
});

describe('judgeRecording of an exercise', () => {
  const lostAt = (startedMs: number) =>
    otherwise(rolling, (event) => [
      event.kind === 'probe' && event.probe === 'application' && event.startedMs === startedMs
        ? { ...event, ok: false, detail: 'ECONNREFUSED' }
        : event,
    ]);

  it('passes when no request was lost while the application was updated', () => {
    const verdict = judgeRecording(rolling);
    expect(verdict).toMatchObject({ result: 'pass', reasons: [] });
    expect(verdict.budgets.find(({ name }) => name === 'application-failures')).toMatchObject({ measuredMs: 0, kept: 'kept' });
  });

  it('fails one request that was lost in it, with its line', () => {
    const verdict = judgeRecording(lostAt(4000));
    expect(verdict.result).toBe('fail');
    expect(verdict.reasons[0]?.text).toBe('1 of 31 attempts of application from w1 failed (ECONNREFUSED), the budget is 0');
    expect(verdict.reasons[0]?.lines).toHaveLength(1);
  });

  it('does not count what was lost to the master that is down before it', () => {
    expect(judgeRecording(lostAt(1200)).result).toBe('pass');
  });

  it("takes the user's number instead", () => {
    expect(judgeRecording(lostAt(4000), new Map([['application-failures', 1]])).result).toBe('pass');
    expect(judgeRecording(lostAt(4000), new Map([['application-failures@w1', 0]])).result).toBe('fail');
  });

  it('a budget of failures that was not measured fails, if it was asked for', () => {
    const verdict = judgeRecording(rolling, new Map([['kubelet-failures', 3]]));
    expect(verdict.reasons).toMatchObject([
      { rule: 'never-ran', text: 'kubelet-failures was not measured, so that its budget of 3 is not kept' },
    ]);
  });
});
