import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../model/event.ts';
import { readRecording } from './recording/read-recording.ts';
import type { Recording, RecordingHeader } from './recording/recording.ts';
import { judgeRecording, type Verdict } from './verdict.ts';

const testdata = join(import.meta.dirname, 'testdata');

function load(name: string): Promise<Recording> {
  return readRecording(join(testdata, `${name}.ndjson`));
}

const pass = await load('pass');

/** Events instead of one; none takes it out. */
type Each = (event: RecordedEvent) => readonly RecordedEvent[];

interface Edit {
  readonly header?: Partial<RecordingHeader>;
  readonly each?: Each;
}

/** The passing recording, otherwise. */
function otherwise({ header, each = (event) => [event] }: Edit): Recording {
  const lines = pass.lines.flatMap(({ line, event }) => each(event).map((other) => ({ line, event: other })));
  return { ...pass, header: { ...pass.header, ...header }, lines };
}

function rules({ reasons }: Verdict): readonly string[] {
  return reasons.map(({ verdict, rule }) => `${verdict} ${rule}`);
}

function isWrite(event: RecordedEvent, number: number): event is Extract<RecordedEvent, { kind: 'probe' }> {
  return event.kind === 'probe' && event.probe === 'writes' && (event.detail ?? '').split(' ')[0] === `#${number}`;
}

/** The write that got no answer at 2.1 s, with another detail. */
function failedWrite(detail: string): Each {
  return (event) => [isWrite(event, 20) ? { ...event, detail: `#20 ${detail}` } : event];
}

function readBack(change: (writes: readonly (readonly [number, number])[]) => readonly (readonly [number, number])[]): Each {
  return (event) => [event.kind === 'read-back' ? { ...event, writes: change(event.writes) } : event];
}

function watchFromOutside(event: RecordedEvent): RecordedEvent {
  return event.kind === 'probe' && event.probe === 'watch' ? { ...event, from: 'outside' } : event;
}

describe('judgeRecording', () => {
  it('passes a drill that kept its budgets and lost nothing, and tells its times', () => {
    const verdict = judgeRecording(pass);
    expect(verdict).toMatchObject({ result: 'pass', reasons: [], failOverMs: 508, detect: { ms: 450 }, recover: { ms: 2400 } });
    expect(verdict.gaps[0]).toMatchObject({
      probe: 'new connections',
      gapMs: 600,
      beginMs: 1908,
      endMs: 2508,
      lines: [102, 115],
      failed: 5,
      attempts: 78,
    });
    expect(verdict.watches).toMatchObject([{ from: 'worker', clients: 2, cutOnVictim: 1, slowestCutOnVictimMs: 700 }]);
    expect(verdict.writes).toMatchObject([{ acknowledged: 73, unknown: { there: 0, notThere: 5 } }]);
  });

  it('fails a lost write, with the lines of its acknowledgement and of the read-back', async () => {
    expect(judgeRecording(await load('lost-write'))).toMatchObject({
      result: 'fail',
      reasons: [
        {
          verdict: 'fail',
          rule: 'lost-write',
          text: '2 acknowledged writes from outside lost: #40, #41',
          lines: [213, 218, 403],
          atMs: 4127,
        },
      ],
    });
  });

  it('fails a stale read, with the event that shows it to be old', async () => {
    expect(judgeRecording(await load('stale-read'))).toMatchObject({
      result: 'fail',
      reasons: [
        {
          rule: 'stale-read',
          text: '1 stale read: the first shows revision 1093, when revision 1102 had been seen before it began',
          lines: [207, 203],
        },
      ],
    });
  });

  it('fails a gap over budget, with the successes on both sides of it', async () => {
    expect(judgeRecording(await load('over-budget'))).toMatchObject({
      result: 'fail',
      reasons: [
        {
          rule: 'budget',
          text: 'new connections from outside: 1.00 s without success, the budget is 0.65 s',
          lines: [102, 122],
          atMs: 1908,
        },
      ],
    });
  });

  it('is inconclusive about a truncated recording', async () => {
    const verdict = judgeRecording(await load('truncated'));
    expect(verdict.result).toBe('inconclusive');
    expect(rules(verdict)).toEqual(['inconclusive not-read-back', 'inconclusive not-healed', 'inconclusive recording']);
  });

  it.each(['ECONNREFUSED', 'status 403', 'status 429'])('fails a write that was refused (%s), but is there', (detail) => {
    const refused = otherwise({ each: failedWrite(detail) });
    const there = { ...refused, lines: otherwise({ each: readBack((writes) => [...writes, [20, 1060]]) }).lines };
    expect(judgeRecording(refused).result).toBe('pass');
    const lines = refused.lines.map((line) =>
      line.event.kind === 'read-back' ? (there.lines.find(({ event }) => event.kind === 'read-back') ?? line) : line,
    );
    expect(rules(judgeRecording({ ...refused, lines }))).toContain('fail refused-but-there');
  });

  it.each(['no answer within 1000 ms', 'ECONNRESET', 'status 500', 'status 504', 'status 409'])(
    'does not mind a write that is there though its answer (%s) did not say so',
    (detail) => {
      const each: Each = (event) =>
        event.kind === 'read-back' ? [{ ...event, writes: [...event.writes, [20, 1060]] }] : failedWrite(detail)(event);
      const verdict = judgeRecording(otherwise({ each }));
      expect(verdict.result).toBe('pass');
      expect(verdict.writes[0]?.unknown).toEqual({ there: 1, notThere: 4 });
    },
  );

  it('fails writes out of order in etcd', () => {
    const swapped = readBack((writes) => writes.map(([number, revision]) => [number, number === 50 ? revision - 4 : revision]));
    const verdict = judgeRecording(otherwise({ each: swapped }));
    expect(verdict.reasons).toMatchObject([{ verdict: 'fail', rule: 'out-of-order', text: expect.stringContaining('#50') }]);
  });

  it('fails a write that nobody made', () => {
    expect(rules(judgeRecording(otherwise({ each: readBack((writes) => [...writes, [999, 5000]]) })))).toEqual(['fail foreign-write']);
  });

  it('is inconclusive when acknowledged writes were never read back', () => {
    expect(rules(judgeRecording(otherwise({ each: (event) => (event.kind === 'read-back' ? [] : [event]) })))).toEqual([
      'inconclusive not-read-back',
    ]);
  });

  it('fails a probe that never ran', () => {
    const without = otherwise({ each: (event) => (event.kind === 'probe' && event.probe === 'watch' ? [] : [event]) });
    expect(judgeRecording(without)).toMatchObject({
      result: 'fail',
      reasons: [{ rule: 'never-ran', text: 'watch from worker never ran' }],
    });
  });

  it('fails a probe that was never served, and one that was not served again', () => {
    const dead = otherwise({
      each: (event) => [event.kind === 'probe' && event.probe === 'linearizable reads' ? { ...event, ok: false } : event],
    });
    expect(rules(judgeRecording(dead))).toContain('fail never-served');
    const ended = otherwise({
      each: (event) => [
        event.kind === 'probe' && event.probe === 'new connections' && event.startedMs >= 2000 ? { ...event, ok: false } : event,
      ],
    });
    expect(judgeRecording(ended)).toMatchObject({ result: 'fail', failOverMs: undefined });
    expect(judgeRecording(ended).reasons[0]?.text).toMatch(/^new connections from outside: 5\.\d+ s without success.*; not served again$/);
  });

  it('counts a client that falls silent as not served', () => {
    const silent = otherwise({
      each: (event) => (event.kind === 'probe' && event.probe === 'new connections' && event.startedMs > 2000 ? [] : [event]),
    });
    expect(judgeRecording(silent).gaps[0]).toMatchObject({ beginMs: 2008 - 100, endMs: undefined });
    expect(judgeRecording(silent).result).toBe('fail');
  });

  it("notes that the probes' own process was late; where the user has set a budget for that it is inconclusive", () => {
    const late = otherwise({
      each: (event) => [event.kind === 'probe' && event.probe === 'own delay' ? { ...event, endedMs: event.startedMs + 400 } : event],
    });
    const text =
      'the probes at outside were late themselves by 0.40 s (more than 0.25 s): gaps may look longer than they were, never shorter';
    expect(judgeRecording(late)).toMatchObject({ result: 'pass', reasons: [{ verdict: 'note', rule: 'own-delay', text }] });
    expect(judgeRecording(late, new Map([['own-delay', 250]]))).toMatchObject({ result: 'inconclusive' });
  });

  it('is inconclusive about a gap over budget that the own delay of its place may explain', async () => {
    const recording = await load('over-budget');
    const delay: RecordedEvent = { kind: 'probe', probe: 'own delay', from: 'outside', startedMs: 2200, endedMs: 2600, ok: false };
    const lines = [...recording.lines, { line: 9, event: delay }];
    expect(rules(judgeRecording({ ...recording, lines }, new Map([['own-delay', 500]])))).toEqual(['inconclusive budget']);
    const elsewhere = [...recording.lines, { line: 9, event: { ...delay, from: 'worker' } }];
    expect(rules(judgeRecording({ ...recording, lines: elsewhere }, new Map([['own-delay', 500]])))).toEqual(['fail budget']);
  });

  it("takes the user's budgets instead of the scheme's, and of one place instead of all", async () => {
    const recording = await load('over-budget');
    expect(judgeRecording(recording, new Map([['new-connections', 1001]])).result).toBe('pass');
    expect(judgeRecording(recording, new Map([['new-connections@outside', 1001]])).result).toBe('pass');
    expect(rules(judgeRecording(recording, new Map([['new-connections@worker', 1001]])))).toEqual(['fail budget', 'fail never-ran']);
    expect(judgeRecording({ ...recording, header: { ...recording.header, budgets: { 'new-connections': 1001 } } }).result).toBe('pass');
    expect(rules(judgeRecording(pass, new Map([['detect', 400]])))).toEqual(['fail budget']);
    expect(rules(judgeRecording(pass, new Map([['kubelet', 400]])))).toEqual(['fail never-ran']);
  });

  it('does not hold against local-care that clients outside, who go past it, have nobody who cuts their watches', () => {
    const slow = otherwise({
      header: { scheme: 'local-care/nft' },
      each: (event) => [event.kind === 'probe' && event.detail?.includes(' cut ') ? { ...event, endedMs: event.endedMs + 1000 } : event],
    });
    expect(rules(judgeRecording(slow))).toEqual(['fail budget']);
    const outside = { ...slow, lines: slow.lines.map(({ line, event }) => ({ line, event: watchFromOutside(event) })) };
    const header = { ...slow.header, probes: slow.header.probes.filter(({ probe }) => probe !== 'watch') };
    expect(judgeRecording({ ...outside, header }).result).toBe('pass');
  });

  it('is inconclusive when the fault never went in, was never healed, or the cluster was broken before', () => {
    const without = (state: string) => otherwise({ each: (event) => (event.kind === 'fault' && event.state === state ? [] : [event]) });
    expect(rules(judgeRecording(otherwise({ each: (event) => (event.kind === 'fault' ? [] : [event]) })))).toEqual([
      'inconclusive no-fault',
    ]);
    expect(rules(judgeRecording(without('healed')))).toEqual(['inconclusive not-healed']);
    const broken = otherwise({
      each: (event) => [event.kind === 'health' && event.atMs < 100 ? { ...event, healthy: false, problems: ['m3 is gone'] } : event],
    });
    expect(judgeRecording(broken).reasons).toMatchObject([
      { rule: 'broken-before', text: 'the cluster was not healthy before: m3 is gone' },
    ]);
  });

  it('is inconclusive when a client waited before the fault already for longer than it may, each kind and place told once', () => {
    const hole = (probe: string) =>
      otherwise({
        each: (event) => (event.kind === 'probe' && event.probe === probe && event.endedMs > 500 && event.endedMs < 1700 ? [] : [event]),
      });
    expect(judgeRecording(hole('new connections')).reasons.map(({ text }) => text)).toEqual([
      'new connections from outside was not served for 1.30 s before the fault already',
    ]);
    expect(judgeRecording(hole('watch')).result).toBe('pass');
    expect(rules(judgeRecording(hole('watch'), new Map([['watch', 1100]])))).toEqual(['inconclusive trouble-before']);
    expect(rules(judgeRecording(hole('watch'), new Map([['watch@worker', 1100]])))).toEqual(['inconclusive trouble-before']);
  });

  it('fails a cluster that is not whole afterwards', () => {
    const broken = otherwise({
      each: (event) => [event.kind === 'health' && event.atMs > 100 ? { ...event, healthy: false, problems: ['m1 is gone'] } : event],
    });
    expect(rules(judgeRecording(broken))).toEqual(['fail broken-after']);
  });

  it('without a quorum expects writes to be refused, and fails one that was acknowledged', () => {
    const header = { expects: 'no-writes' } as const;
    const refusing = otherwise({
      header,
      each: (event) => [
        event.kind === 'probe' && event.probe === 'writes' && event.startedMs > 2000 && event.startedMs < 6000
          ? { ...event, ok: false }
          : event,
      ],
    });
    // They are there in the read-back, without an answer that says so.
    expect(judgeRecording(refusing)).toMatchObject({ result: 'pass' });
    expect(judgeRecording(otherwise({ header })).reasons).toMatchObject([{ verdict: 'fail', rule: 'write-without-quorum' }]);
  });

  it('names lines that are in the file', () => {
    const lines = readFileSync(join(testdata, 'lost-write.ndjson'), 'utf8').split('\n');
    expect(lines[213 - 1]).toContain('"detail":"#40"');
    expect(lines[403 - 1]).toContain('"kind":"read-back"');
  });
});
