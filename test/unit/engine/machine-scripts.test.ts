/** The engine's shell snippets, run for real by dash and by bash. */

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkSteps } from '../../../src/engine/check.ts';
import { realClock } from '../../../src/engine/clock.ts';
import { writeFiles } from '../../../src/engine/execute/file.ts';
import { executeStep } from '../../../src/engine/execute/step.ts';
import { lookArgv, parseLook } from '../../../src/engine/look.ts';
import type { Machine } from '../../../src/engine/machine.ts';
import { COMMAND, COMMAND_INSIDE, HOLD_LOCK, RECORD, SET_UNIT, script, WRITE_FILES } from '../../../src/engine/machine-scripts.ts';
import { originalPath, parseReceipt, receiptOf } from '../../../src/engine/record.ts';
import { runTogether } from '../../../src/engine/together.ts';
import type { Connection } from '../../../src/model/connection.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Action, Step } from '../../../src/model/step.ts';
import { digest } from '../../fake-machine/machine-state.ts';
import { movedArgv, thisMachine } from '../../fake-machine/this-machine.ts';

describe.each(['dash', 'bash'] as const)('snippets run by %s', (shell) => {
  let directory = '';
  let connection: Connection;
  let machine: Machine;
  const at = (...parts: string[]) => join(directory, ...parts);
  const signal = new AbortController().signal;
  const step = (action: Action): Step => ({ id: 'phase/the step', host: 'here', title: 'the step', action });
  const look = async (paths: Parameters<typeof lookArgv>[0]) => parseLook((await connection.run(lookArgv(paths))).stdout);
  const isDone = async (action: Action) => {
    const one = step(action);
    return (await checkSteps({ connection, signal }, [one])).has(one);
  };
  const apply = (action: Action) => executeStep(machine, step(action));
  const receipt = () => parseReceipt(readFileSync(at('var/lib/trivet/receipt.ndjson'), 'utf8'));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'trivet-scripts-'));
    connection = thisMachine(directory, shell);
    const operator = 'tester@here';
    machine = {
      connection,
      receipt: receiptOf(connection, signal),
      emit: () => undefined,
      signal,
      clock: realClock,
      operator,
      units: { stale: true },
    };
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('LOOK tells files, links, digests and what is missing', async () => {
    mkdirSync(at('a directory'));
    writeFileSync(at('a file'), 'hello', { mode: 0o640 });
    chmodSync(at('a file'), 0o640);
    symlinkSync('a file', at('link'));
    const seen = await look({ hashed: [at('a file'), at('missing')], plain: [at('link'), at('a directory')] });
    const owner = process.getuid?.() === 0 ? 'root:root' : expect.any(String);
    expect(seen.files.get(at('a file'))).toMatchObject({ type: 'file', mode: 0o640, owner, bytes: 5, sha256: digest('hello') });
    expect(seen.files.get(at('link'))).toMatchObject({ type: 'link', target: 'a file', sha256: undefined });
    expect(seen.files.get(at('a directory'))).toMatchObject({ type: 'directory' });
    expect(seen.files.has(at('missing'))).toBe(false);
  });

  test('RECORD keeps the original once, appends once, marks the restart, and survives a torn line', async () => {
    const file = { kind: 'file', path: at('conf'), content: 'ours\n', mode: 0o644, owner: 'root:root', restarts: 'thing.service' } as const;
    writeFileSync(at('conf'), 'theirs\n', { mode: 0o604 });
    chmodSync(at('conf'), 0o604);
    mkdirSync(at('var/lib/trivet'), { recursive: true });
    writeFileSync(at('var/lib/trivet/receipt.ndjson'), '{"kind":"command","step":"x"}\n{"kind":"fi');
    await apply(file);
    await apply(file);
    expect(receipt()).toEqual([
      { kind: 'command', step: 'x' },
      { kind: 'file', path: at('conf'), sha256: digest('ours\n'), original: at(originalPath(at('conf'))) },
    ]);
    const kept = at(originalPath(at('conf')));
    expect(readFileSync(kept, 'utf8')).toBe('theirs\n');
    expect(statSync(kept).mode & 0o777).toBe(0o604);
    expect((await look({ hashed: [], plain: [] })).restarts).toEqual(new Set(['thing.service']));
    expect(statSync(at('var/lib/trivet/originals')).mode & 0o777).toBe(0o700);
  });

  test('RECORD that cannot write fails and says why', async () => {
    writeFileSync(at('var'), 'not a directory');
    const result = await connection.run(script(RECORD), { stdin: '/x\n\n\n\n{}\n' });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('Not a directory');
  });

  test('WRITE_FILES writes several files with their modes, or none when the input ended early', async () => {
    const odd = "it's\t$HOME\nünï\n\n";
    const files = [
      { kind: 'file', path: at('new/.hidden/a'), content: odd, mode: 0o600, owner: 'root:root' },
      { kind: 'file', path: at('new/.b c'), content: '', mode: 0o755, owner: 'root:root' },
      { kind: 'file', path: at('c'), content: 'no newline', mode: 0o644, owner: 'root:root' },
    ] as const;
    expect(await writeFiles(machine, files)).toBe(true);
    expect(readFileSync(at('new/.hidden/a'), 'utf8')).toBe(odd);
    for (const file of files) expect(await isDone(file)).toBe(true);
    expect(readdirSync(at('new')).sort()).toEqual(['.b c', '.hidden']);
    expect(statSync(at('new')).mode & 0o777).toBe(0o755);
    const half = `600\troot:root\t3\t${at('d')}\nabc600\troot:root\t9\t${at('e')}\nab`;
    expect(await connection.run(script(WRITE_FILES, '2'), { stdin: half })).toMatchObject({ code: 1, stderr: 'the input ended early\n' });
    expect(existsSync(at('d'))).toBe(false);
  });

  test('SET_UNIT and RELOAD_AND_SHOW stop at what systemctl refuses', async () => {
    expect((await connection.run(script(SET_UNIT, 'no-such-thing-of-trivet.service', at('mark'), 'start'))).code).not.toBe(0);
    expect((await connection.run(script(SET_UNIT, 'x', ''))).code).toBe(0);
  });

  test('TOGETHER keeps answers apart and in their order', async () => {
    const answers = await runTogether(machine, 'ask', [
      ['sh', '-c', 'sleep 0.2; printf "a\\n\\n"'],
      ['false'],
      ['echo', "it's"],
      ['printf', 'no newline'],
    ]);
    expect(answers).toEqual([
      { code: 0, stdout: 'a\n\n' },
      { code: 1, stdout: '' },
      { code: 0, stdout: "it's\n" },
      { code: 0, stdout: 'no newline' },
    ]);
  });

  test('LINK makes and changes a link', async () => {
    for (const target of ['one', 'two']) {
      const link = { kind: 'link', path: at('new directory/link'), target } as const;
      expect(await isDone(link)).toBe(false);
      await apply(link);
      expect(await isDone(link)).toBe(true);
    }
  });

  test('REMOVE takes a tree and refuses what is no path of its own', async () => {
    mkdirSync(at('tree/below'), { recursive: true });
    writeFileSync(at('tree/below/file'), '');
    const remove = { kind: 'remove', path: at('tree') } as const;
    expect(await isDone(remove)).toBe(false);
    await apply(remove);
    expect(existsSync(at('tree'))).toBe(false);
    expect(await isDone(remove)).toBe(true);
    for (const path of ['/', '/etc', '/etc/', '//etc', '/etc/../usr', 'relative/path']) {
      await expect(apply({ kind: 'remove', path })).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });

  const touch = (more: Partial<Extract<Action, { kind: 'command' }>> = {}) =>
    ({
      kind: 'command',
      argv: ['sh', '-c', `cat > '${at('made')}'`],
      check: ['test', '-e', at('made')],
      timeoutSeconds: 20,
      ...more,
    }) as const;

  test('COMMAND runs once, with its standard input, and leaves no file of it', async () => {
    expect(await apply(touch({ stdin: new Secret("it's\nsecret") }))).toBe('changed');
    expect(readFileSync(at('made'), 'utf8')).toBe("it's\nsecret");
    expect(await apply(touch({ stdin: 'other' }))).toBe('unchanged');
    expect(readFileSync(at('made'), 'utf8')).toBe("it's\nsecret");
    expect(readdirSync(at('run/trivet'))).toEqual(['machine.lock']);
    expect(readFileSync(at('var/log/trivet/phase-the-step.log'), 'utf8')).toMatch(/^--- \d{4}-\d\d-\d\dT[\d:]+Z tester@here: the step\n$/);
  });

  test('COMMAND that fails tells its last lines, not earlier ones, and no secrets', async () => {
    const failing = touch({
      argv: ['sh', '-c', 'seq 1 30; echo token abcdef.0123456789abcdef; cat >&2; exit 3'],
      stdin: new Secret('my password'),
      hint: 'Look there.',
    });
    await expect(apply(failing)).rejects.toThrow();
    await expect(apply(failing)).rejects.toMatchObject({
      code: 'STEP_FAILED',
      message: 'the step: sh failed with exit status 3',
      remedy: 'Look there.',
      log: 'here:/var/log/trivet/phase-the-step.log',
      findings: [...Array.from({ length: 13 }, (_, index) => String(index + 18)), 'token «secret»', '«secret»'],
    });
  });

  test('COMMAND is ended after its time, with everything it started', async () => {
    const slow = touch({ argv: ['sh', '-c', `sleep 60 & echo $! > '${at('pid')}'; wait`], timeoutSeconds: 1 });
    await expect(apply(slow)).rejects.toMatchObject({ message: 'the step: sh was ended after 1 s' });
    const stat = `/proc/${readFileSync(at('pid'), 'utf8').trim()}/stat`;
    // A process that nobody reaped (a container's first process may not) is dead as well.
    await until(() => !existsSync(stat) || / Z /.test(readFileSync(stat, 'utf8')));
  });

  test('COMMAND whose check fails afterwards says so', async () => {
    await expect(apply(touch({ argv: ['true'] }))).rejects.toMatchObject({
      message: expect.stringContaining('true ran, but its check still fails'),
    });
  });

  test('COMMAND does not begin on half its input', async () => {
    const argv = script(COMMAND, COMMAND_INSIDE, 'half', '10', '5', '5', 'header', 'false', 'touch', at('made'));
    expect(await connection.run(argv, { stdin: 'half' })).toMatchObject({ stdout: 'truncated\n' });
    expect(existsSync(at('made'))).toBe(false);
  });

  test('COMMAND goes on when the connection dies, and the next run waits for it instead of running it again', async () => {
    const argv = ['sh', '-c', `echo run >> '${at('runs')}'; sleep 2; echo end; touch '${at('made')}'`];
    const whole = script(COMMAND, COMMAND_INSIDE, 'slow', '0', '20', '20', 'header', `test -e '${at('made')}'`, ...argv);
    const [program = '', ...args] = movedArgv(directory, shell, whole);
    const outer = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    outer.stdin?.end();
    await until(() => existsSync(at('runs')));
    process.kill(-(outer.pid ?? 0), 'SIGKILL');
    expect(await apply({ kind: 'command', argv, check: ['test', '-e', at('made')], timeoutSeconds: 20 })).toBe('unchanged');
    expect(readFileSync(at('runs'), 'utf8')).toBe('run\n');
    expect(readFileSync(at('var/log/trivet/slow.log'), 'utf8')).toMatch(/end\n$/);
  });

  async function until(condition: () => boolean) {
    for (let i = 0; i < 200 && !condition(); i += 1) await sleep(20);
    expect(condition()).toBe(true);
  }
});

test('HOLD_LOCK is held while input comes, tells its owner, and ends with its input', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trivet-lock-'));
  const start = (owner: string) => {
    const child = spawn('bash', ['-c', HOLD_LOCK.replaceAll('/run/trivet', directory), 'x', owner], { stdio: ['pipe', 'pipe', 'inherit'] });
    const first = new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
    const ended = new Promise((resolve) => child.once('close', resolve));
    return { child, first, ended };
  };
  try {
    const one = start('the first');
    expect(await one.first).toBe('held\n');
    const two = start('the second');
    expect(await two.first).toBe('locked the first\n');
    one.child.stdin.end();
    await one.ended;
    const three = start('the third');
    expect(await three.first).toBe('held\n');
    three.child.stdin.end();
    await three.ended;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
