import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRecording } from '../recording/read-recording.ts';
import { recordingFile } from './recording-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-file-'));
afterAll(() => rmSync(directory, { recursive: true }));

const header = {
  trivet: '0',
  cluster: 'lab',
  scheme: 'external',
  drill: 'd',
  fault: 'd of m1',
  machines: [],
  probes: [{ probe: 'writes', from: 'outside' }],
  startedAt: '2026-11-21T17:00:00.000Z',
  budgets: {},
};
const late = (from: string) => ({ kind: 'probe', probe: 'own delay', from, startedMs: 1100, endedMs: 6100, ok: false }) as const;

it('recordingFile: states from before the start stand at it, attempts from before do not; lateness counts only where clients are', async () => {
  const file = recordingFile(join(directory, 'one.ndjson'), header, 1000);
  file.add([
    { kind: 'vip', atMs: 900, owner: 'm2' },
    { kind: 'vip', atMs: 700, owner: 'm1' },
    { kind: 'probe', probe: 'writes', from: 'outside', startedMs: 999, endedMs: 1003, ok: true, detail: '#0' },
    late('m1'),
    late('outside'),
  ]);
  // While it grows anybody can read it.
  expect((await readRecording(file.path)).lines).toHaveLength(2);
  const events = [late('outside'), late('m1'), { kind: 'vip', atMs: 950, owner: 'm3' } as const];
  const packed = file.end({ events, clocks: [{ from: 'm1', errorMs: 0.5 }], endMs: 7000, complete: true });
  expect(readdirSync(directory)).toEqual(['one.ndjson.gz']);
  const recording = await readRecording(packed);
  expect(recording.defects).toEqual([]);
  expect(recording.header.clocks).toEqual([{ from: 'm1', errorMs: 0.5 }]);
  expect(recording.lines.map(({ event }) => event)).toEqual([
    { kind: 'vip', atMs: 0, owner: 'm3' },
    { ...late('outside'), startedMs: 100, endedMs: 5100 },
  ]);
});
