import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote } from '../model/quote.ts';
import { readOutcome, remoteCommand, startedGroup, stdinMark, unsentMark } from './remote-script.ts';

const token = 'trivet-0123';

function inShell(script: string, input = '', root: 'root' | 'sudo-with-password' = 'root') {
  const command = remoteCommand({ token, root, script, timeoutSeconds: 20 });
  // Without sudo here: the test is of what runs inside.
  const bare = command.replace("env LC_ALL=C sudo -k -S -p '' -- ", '');
  const { status, stdout, stderr } = spawnSync('sh', ['-c', bare], { input, encoding: 'utf8' });
  return readOutcome(token, status ?? 255, `noise of a shell\n${stdout}`, `lecture\n${stderr}`);
}

test('remoteCommand: outputs and exit status come back exactly, whatever surrounds them', () => {
  const outcome = inShell(quote(['sh', '-c', "printf 'a\\nb'; printf c >&2; exit 255"]));
  expect(outcome).toEqual({ kind: 'finished', result: { code: 255, stdout: 'a\nb', stderr: 'c' } });
});

test('remoteCommand: a command that exits its shell still leaves its status', () => {
  expect(inShell('exit 7')).toMatchObject({ kind: 'finished', result: { code: 7 } });
});

test('remoteCommand: death by a signal is 128 and its number', () => {
  expect(inShell(quote(['sh', '-c', 'kill -KILL $$']))).toMatchObject({ kind: 'finished', result: { code: 137 } });
});

test('remoteCommand: standard input reaches the command without what was meant for sudo', () => {
  expect(inShell('cat', `hunter2\n${stdinMark(token)}\nreal\n`, 'sudo-with-password')).toMatchObject({ result: { stdout: 'real\n' } });
  expect(inShell('cat', `${stdinMark(token)}\nreal\n`, 'sudo-with-password')).toMatchObject({ result: { stdout: 'real\n' } });
});

test('readOutcome: no start mark is not-started, no exit mark is cut-off, a session that went elsewhere is unsent', () => {
  expect(readOutcome(token, 1, '', 'sudo: a password is required\n').kind).toBe('not-started');
  expect(readOutcome(token, 255, `${token}-start;x`, `${token}-start-41;half`)).toEqual({ kind: 'cut-off', code: 255, stderr: 'half' });
  expect(readOutcome(token, 255, '', `${unsentMark(token)}\n`).kind).toBe('unsent');
});

test('readOutcome: marks in a listing of the command line itself are not taken for marks', () => {
  const listing = remoteCommand({ token, root: 'root', script: 'ps ax >&2', timeoutSeconds: 1 });
  expect(readOutcome(token, 0, `${token}-start;`, `${token}-start-41;${listing}${token}-exit-0;`)).toEqual({
    kind: 'finished',
    result: { code: 0, stdout: '', stderr: listing },
  });
});

test('startedGroup: reads the process group from the start mark', () => {
  expect(startedGroup(token, `x${token}-start-4711;`)).toBe(4711);
  expect(startedGroup(token, 'x')).toBeUndefined();
});
