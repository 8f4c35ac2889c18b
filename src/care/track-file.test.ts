import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openTrackFile } from './track-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-track-'));
afterAll(() => rmSync(directory, { recursive: true }));
const quiet = (): void => undefined;

describe('openTrackFile', () => {
  it('show: UP is 0, DRAIN and DOWN take the machine out, SUSPECT changes nothing', async () => {
    const path = join(directory, 'run', 'serves');
    const file = openTrackFile(path, quiet);
    await file.show(['UP']);
    expect(readFileSync(path, 'utf8')).toBe('0\n');
    await file.show(['SUSPECT']);
    expect(readFileSync(path, 'utf8')).toBe('0\n');
    await file.show(['DOWN']);
    expect(readFileSync(path, 'utf8')).toBe('-254\n');
    await file.show(['SUSPECT']);
    expect(readFileSync(path, 'utf8')).toBe('-254\n');
    await file.show(['DOWN', 'UP']);
    expect(readFileSync(path, 'utf8')).toBe('0\n');
    await file.show(['DRAIN']);
    expect(readFileSync(path, 'utf8')).toBe('-254\n');
    await file.show([]);
    expect(readFileSync(path, 'utf8')).toBe('-254\n');
  });

  it('show: a restart does not write what is there already', async () => {
    const path = join(directory, 'kept');
    writeFileSync(path, '0\n');
    const before = statSync(path).ino;
    await openTrackFile(path, quiet).show(['UP']);
    expect(statSync(path).ino).toBe(before);
  });

  it('show: tells when it cannot write, and tries again', async () => {
    const told: string[] = [];
    const path = join(directory, 'kept', 'below-a-file');
    const file = openTrackFile(path, (_, message) => told.push(message));
    await file.show(['UP']);
    await file.show(['UP']);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^the track file .* is not written: ENOTDIR|EEXIST/);
  });
});
