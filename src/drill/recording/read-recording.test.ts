import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';
import { htmlReport } from '../report/html-report.ts';
import { judged } from '../report/judged.ts';
import { textReport } from '../report/text-report.ts';
import { readRecording } from './read-recording.ts';
import { drillRecorder, packRecording, sinceStart } from './recorder.ts';
import type { Recording } from './recording.ts';

const testdata = join(import.meta.dirname, '..', 'testdata');
const pass = readFileSync(join(testdata, 'pass.ndjson'), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'trivet-recording-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function* chunks(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function read(text: string): Promise<Recording> {
  return readRecording(chunks(text), 'test');
}

/** The recording with one line replaced, inserted before (null: taken out). */
function edited(number: number, line: string | null): string {
  const lines = pass.split('\n');
  lines.splice(number - 1, 1, ...(line === null ? [] : [line]));
  return lines.join('\n');
}

async function refusal(text: string): Promise<string> {
  const error = await read(text).catch((reason: unknown) => reason);
  if (!(error instanceof Failure)) throw new Error('not refused');
  expect(error.code).toBe('DRILL_RECORDING');
  return error.message;
}

const event = '{"kind":"vip","atMs":8450,"owner":"m2"}';

describe('readRecording', () => {
  it('reads a whole recording without a defect', async () => {
    const recording = await read(pass);
    expect(recording).toMatchObject({
      defects: [],
      unknownLines: 0,
      endMs: 8500,
      header: { scheme: 'vip-on-masters/none' },
      footer: { complete: true },
    });
    expect(recording.lines).toHaveLength(403);
    expect(recording.lines[0]).toEqual({ line: 2, event: { kind: 'health', atMs: 20, healthy: true, problems: [] } });
  });

  it('reads the same from a file, and from one packed by gzip', async () => {
    const packed = join(directory, 'pass.ndjson.gz');
    writeFileSync(packed, gzipSync(pass));
    const { name: _, ...recording } = await readRecording(join(testdata, 'pass.ndjson'));
    expect(await readRecording(packed)).toEqual({ ...recording, name: 'pass.ndjson.gz' });
  });

  it('marks a packed file that was cut as unreadable from there on', async () => {
    const cut = join(directory, 'cut.ndjson.gz');
    writeFileSync(cut, gzipSync(pass).subarray(0, 4000));
    expect((await readRecording(cut)).defects.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^unreadable from here on: unexpected end of file/),
      'truncated: the end is missing',
    ]);
  });

  it.each([
    ['nothing', '', 'test is no recording of a drill: it is empty'],
    ['text', 'hello\n', 'test is no recording of a drill: line 1: not JSON'],
    ['JSON of another kind', '{"kind":"run","state":"started"}\n', 'test is no recording of a drill: line 1 is no header'],
    ['a list', '[1,2]\n', 'test is no recording of a drill: line 1: not a JSON object'],
    ['a newer format', pass.replace('"format":1', '"format":2'), 'test, line 1: format 2; this trivet reads 1 and older'],
    ['half a header', pass.replace('"cluster":"lab",', ''), 'test, line 1: the header is not whole: cluster is not a text'],
    ['two headers', edited(50, pass.split('\n')[0] ?? ''), 'test, line 50: a second header: two recordings in one file'],
  ])('refuses %s', async (_, text, message) => {
    expect(await refusal(text)).toBe(message);
  });

  it('refuses a file that is not there', async () => {
    await expect(readRecording(join(directory, 'none.ndjson'))).rejects.toMatchObject({
      code: 'DRILL_RECORDING',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it.each([
    ['a missing end', edited(405, null), 404, 'truncated: the end is missing'],
    ['a last line that was cut', pass.slice(0, -30), 405, 'cut off in the middle of a line'],
    ['a line that is no JSON', edited(50, 'rubbish'), 50, 'unreadable: not JSON'],
    ['an event without its fields', edited(50, '{"kind":"vip"}'), 50, 'unreadable: atMs is not a time'],
    ['a time that is none', edited(50, '{"kind":"vip","atMs":1e300}'), 50, 'unreadable: atMs is not a time'],
    ['something after the end', `${pass}${event}\n`, 406, 'something follows the end'],
    ['a line too few', edited(50, null), 404, 'lines are missing or were added: the end counts 149 of probe watch, there are 148'],
    ['a drill that was stopped', pass.replace('"complete":true', '"complete":false'), 405, 'the drill was stopped before its end'],
    ['an event out of order', edited(404, event.replace('8450', '30')), 404, 'out of order: vip goes back from 2.470 s to 0.030 s'],
  ])('marks %s, with its line', async (_, text, line, what) => {
    expect((await read(text)).defects).toContainEqual({ line, what });
  });

  it('takes kinds that it does not know as such, and does not mind', async () => {
    const unknown = pass.replace('\n', '\n{"kind":"weather","atMs":3}\n').replace('"counts":{', '"counts":{"weather":1,');
    expect(await read(unknown)).toMatchObject({ unknownLines: 1, defects: [] });
  });

  it('takes control characters out of texts: a terminal might obey them', async () => {
    const recording = await read(pass.replace('"owner":"m1"', '"owner":"\\u001b]0;x\\u0007m1"'));
    expect(recording.lines.find(({ event: { kind } }) => kind === 'vip')?.event).toMatchObject({ owner: '\ufffd]0;x\ufffdm1' });
  });

  it('brings places that report in turns into the order of time', async () => {
    const lines = pass.trimEnd().split('\n');
    const watches = lines.filter((line) => line.startsWith('{"kind":"probe","probe":"watch"'));
    const others = lines.filter((line) => !line.startsWith('{"kind":"probe","probe":"watch"'));
    const turned = [...others.slice(0, -1), ...watches, ...others.slice(-1)].join('\n');
    const { defects, lines: read1 } = await read(`${turned}\n`);
    const times = read1.map((one) => (one.event.kind === 'probe' ? one.event.endedMs : one.event.atMs));
    expect(defects).toEqual([]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('never throws anything but DRILL_RECORDING, whatever it is given; what it takes can be judged and shown', async () => {
    const lines = pass.split('\n').slice(0, 120);
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', 'm1', 'watch', 'writes', '#3', -1, 1e308, null));
    const names = fc.constantFrom(
      'kind',
      'atMs',
      'startedMs',
      'endedMs',
      'ok',
      'probe',
      'from',
      'detail',
      'writes',
      'state',
      'host',
      '__proto__',
    );
    const object = fc.dictionary(names, values).map((fields) => JSON.stringify(fields));
    const mutation = fc.record({ line: fc.nat(119), text: fc.oneof(object, fc.string(), fc.json()), field: names, value: values });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { maxLength: 8 }), fc.nat(60_000), async (mutations, cutAt) => {
        const text = [...lines];
        for (const { line, text: other, field, value } of mutations) {
          const own = text[line] ?? '';
          text[line] = other.length % 2 === 0 || !own.startsWith('{') ? other : JSON.stringify({ ...JSON.parse(own), [field]: value });
        }
        try {
          const one = judged(await readRecording(chunks(text.join('\n').slice(0, cutAt), 333), 'hostile'));
          textReport([one], 80);
          htmlReport([one]);
          expect(one.verdict.result).not.toBe('pass');
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          expect(error.code).toBe('DRILL_RECORDING');
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('drillRecorder', () => {
  const rest = { trivet: '0.1.0', cluster: 'c', scheme: 'local-proxy/haproxy', drill: 'd', fault: 'f', machines: [] };
  const header = { ...rest, probes: [], startedAt: '2026-11-21T10:00:00.000Z', budgets: { writes: 900 } };

  it('writes what readRecording reads back, times in tenths of milliseconds', async () => {
    const file = join(directory, 'deep', 'own.ndjson');
    const recorder = drillRecorder(file, header);
    const probe: RecordedEvent = {
      kind: 'probe',
      probe: 'writes',
      from: 'outside',
      startedMs: 1000.123456,
      endedMs: 1003.98,
      ok: true,
      detail: '#0',
      revision: 7,
    };
    recorder.record(sinceStart(probe, 1000));
    recorder.record({ kind: 'vip', atMs: 10, owner: undefined });
    recorder.record({ kind: 'read-back', atMs: 20, from: 'outside', writes: [[0, 7]] });
    recorder.end({ atMs: 30.04, complete: true });
    const recording = await readRecording(file);
    expect(recording).toMatchObject({ header: { ...header, format: 1 }, defects: [], endMs: 30 });
    expect(recording.lines.map((line) => line.event)).toEqual([
      { ...probe, startedMs: 0.1, endedMs: 4 },
      { kind: 'vip', atMs: 10, owner: undefined },
      { kind: 'read-back', atMs: 20, from: 'outside', writes: [[0, 7]] },
    ]);
  });

  it('is packed to what readRecording reads, in place of the file', async () => {
    const file = join(directory, 'packed.ndjson');
    const recorder = drillRecorder(file, header);
    recorder.record({ kind: 'vip', atMs: 10, owner: 'm1' });
    recorder.end({ atMs: 20, complete: true });
    const packed = packRecording(file);
    expect(packed).toBe(`${file}.gz`);
    expect(await readRecording(packed)).toMatchObject({ defects: [], lines: [{ event: { owner: 'm1' } }] });
    await expect(readRecording(file)).rejects.toMatchObject({ code: 'DRILL_RECORDING' });
  });

  it('overwrites nothing, and takes nothing after the end', () => {
    const file = join(directory, 'once.ndjson');
    const recorder = drillRecorder(file, header);
    expect(() => drillRecorder(file, header)).toThrow(expect.objectContaining({ code: 'DRILL_RECORDING' }));
    recorder.end({ atMs: 1, complete: true });
    expect(() => recorder.record({ kind: 'vip', atMs: 2, owner: 'm1' })).toThrow(/its end was written already/);
  });
});
