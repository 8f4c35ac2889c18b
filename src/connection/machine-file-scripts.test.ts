import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alreadyThereScript, differentStatus, missingStatus, readScript, receiveScript, writeScript } from './machine-file-scripts.ts';

const mode = { mode: 0o640, owner: `${process.getuid?.()}:${process.getgid?.()}` };
const sum = (text: string) => createHash('sha256').update(text).digest('hex');
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function sh(script: string, input = '') {
  return spawnSync('sh', ['-c', `(${script}\n)`], { input, encoding: 'utf8' });
}

test('writeScript: makes the parents, sets the mode and leaves nothing else', () => {
  const path = join(directory, "a b/it's");
  expect(sh(writeScript(path, 3, mode), 'new').status).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(directory, 'a b'))).toEqual(["it's"]);
});

test('writeScript: input that was cut off changes nothing and leaves no temporary file', () => {
  const path = join(directory, 'f');
  writeFileSync(path, 'old');
  expect(sh(writeScript(path, 10, mode), 'ne').status).toBe(differentStatus);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(directory)).toEqual(['f']);
});

test('writeScript: refuses to replace a directory', () => {
  expect(sh(writeScript(directory, 3, mode), 'new').status).not.toBe(0);
});

test('receiveScript: only content with the right SHA-256 is put in place', () => {
  const path = join(directory, 'f');
  expect(sh(receiveScript(path, sum('good'), mode), 'evil').status).toBe(differentStatus);
  expect(readdirSync(directory)).toEqual([]);
  expect(sh(receiveScript(path, sum('good'), mode), 'good').status).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('good');
});

test('alreadyThereScript: 0 for the same content, and then the mode is right', () => {
  const path = join(directory, 'f');
  expect(sh(alreadyThereScript(path, sum('x'), mode)).status).toBe(missingStatus);
  writeFileSync(path, 'x', { mode: 0o600 });
  expect(sh(alreadyThereScript(path, sum('y'), mode)).status).toBe(missingStatus);
  expect(sh(alreadyThereScript(path, sum('x'), mode)).status).toBe(0);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('readScript: the content, or missingStatus', () => {
  writeFileSync(join(directory, 'f'), 'text');
  expect(sh(readScript(join(directory, 'f'))).stdout).toBe('text');
  expect(sh(readScript(join(directory, 'g'))).status).toBe(missingStatus);
});
