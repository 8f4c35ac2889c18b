/** A strict machine in memory: it understands exactly what the engine asks and what the test taught it; anything else throws. */

import { readFile } from 'node:fs/promises';
import { COMMAND, script, TOGETHER } from '../../src/engine/machine-scripts.ts';
import type { Connect, Connection, RunResult } from '../../src/model/connection.ts';
import type { Host } from '../../src/model/host.ts';
import { reveal } from '../../src/model/secret.ts';
import { runEngineScript } from './engine-scripts.ts';
import { digest, type FakeFile, type FakeUnit, type MachineState, machineState } from './machine-state.ts';
import { runProgram } from './systemd.ts';

/** Answers a command of a phase or a fact; undefined: it is not this one's. It may change the machine. */
export type Answer = (argv: readonly string[], machine: FakeMachine, stdin: string) => Partial<RunResult> | undefined;

export interface FakeMachineInput {
  readonly host?: Partial<Host>;
  /** By path; a string is content with mode 0644 and owner root:root. */
  readonly files?: Readonly<Record<string, string | Partial<FakeFile>>>;
  readonly units?: Readonly<Record<string, Partial<FakeUnit>>>;
  /** Names of installed packages, for the test's own answers. */
  readonly packages?: readonly string[];
  /** Asked in turn for every command that is not the engine's own. */
  readonly answers?: readonly Answer[];
}

export interface FakeMachine extends Connection, MachineState {}

export function fakeMachine(input: FakeMachineInput = {}): FakeMachine {
  const state = machineState();
  for (const [path, file] of Object.entries(input.files ?? {})) state.put(path, typeof file === 'string' ? { content: file } : file);
  for (const [name, unit] of Object.entries(input.units ?? {}))
    state.units.set(name, { enabled: false, active: false, starts: 0, ...unit });
  for (const name of input.packages ?? []) state.packages.add(name);
  const changing = (line: string) => {
    state.calls.push(line);
    state.changes.push(line);
  };
  const runOne = (argv: readonly string[], stdin: string): RunResult => {
    const own = runEngineScript(state, argv, stdin) ?? runProgram(state, argv);
    if (own !== undefined) return complete(own);
    state.calls.push(`run ${argv.join(' ')}`);
    return complete(ask(machine, input.answers ?? [], argv, stdin));
  };
  const machine: FakeMachine = {
    ...state,
    host: fakeHost(input.host?.name ?? 'm1', input.host),
    run: async (argv, options = {}) => {
      const stdin = reveal(options.stdin ?? '');
      if (argv[2] === COMMAND) return complete(runCommand(machine, input.answers ?? [], argv, stdin, changing));
      if (argv[2] === TOGETHER) return complete({ stdout: runTogether(argv, runOne) });
      return runOne(argv, stdin);
    },
    write: async (path, content, { mode, owner }) => {
      changing(`write ${path}`);
      state.put(path, { content: reveal(content), mode, owner });
    },
    read: async (path) => {
      state.calls.push(`read ${path}`);
      return state.files.get(path)?.content;
    },
    upload: async (source, path, { sha256, mode, owner }) => {
      const content = await readFile(source, 'utf8');
      if (digest(content) !== sha256) throw new Error(`upload of ${source}: wrong digest`);
      changing(`upload ${path}`);
      state.put(path, { content, mode, owner });
    },
    hold: async (argv) => {
      throw new Error(`fake machine: hold is not taught (${argv.join(' ')})`);
    },
    close: async () => undefined,
  };
  return machine;
}

/** A host with everything that a test does not care about. */
export function fakeHost(name: string, more: Partial<Host> = {}): Host {
  return {
    name,
    address: '192.0.2.11',
    internalAddress: '192.0.2.11',
    roles: ['master'],
    ssh: { user: 'root', port: 22, keyFile: undefined, password: undefined, knownHosts: undefined },
    labels: {},
    taints: [],
    interface: undefined,
    ...more,
  };
}

/** Connects to the machine of the host's name. */
export function connectTo(...machines: readonly Connection[]): Connect {
  return async (host) => {
    const machine = machines.find((candidate) => candidate.host.name === host.name);
    if (machine === undefined) throw new Error(`there is no fake machine ${host.name}`);
    return machine;
  };
}

function ask(machine: FakeMachine, answers: readonly Answer[], argv: readonly string[], stdin: string): Partial<RunResult> {
  for (const answer of answers) {
    const result = answer(argv, machine, stdin);
    if (result !== undefined) return result;
  }
  throw new Error(`fake machine ${machine.host.name} does not understand: ${argv.join(' ')}`);
}

/** COMMAND and COMMAND_INSIDE: check, command, check. */
function runCommand(
  machine: FakeMachine,
  answers: readonly Answer[],
  argv: readonly string[],
  stdin: string,
  changing: (line: string) => void,
): Partial<RunResult> {
  const [, , bytes = '', , , , check = '', ...command] = argv.slice(script('').length);
  if (Buffer.byteLength(stdin) !== Number(bytes)) return { stdout: 'truncated\n' };
  const passes = () => complete(ask(machine, answers, unquote(check), '')).code === 0;
  if (passes()) return { stdout: 'already\n' };
  changing(`command ${command.join(' ')}`);
  const result = complete(ask(machine, answers, command, stdin));
  if (result.code !== 0) return { stdout: `failed ${result.code}\n${result.stdout}${result.stderr}` };
  return { stdout: passes() ? 'done\n' : `unchecked\n${result.stdout}${result.stderr}` };
}

function runTogether(argv: readonly string[], runOne: (argv: readonly string[], stdin: string) => RunResult): string {
  const [separator, ...commands] = argv.slice(script('').length);
  return commands
    .map((command) => runOne(unquote(command), ''))
    .map(({ code, stdout }) => `${separator} ${code}\n${stdout}\n`)
    .join('');
}

/** The reverse of model/quote.ts. */
function unquote(text: string): readonly string[] {
  const words = text.match(/(?:'[^']*'|\\'|[^\s'\\]+)+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|\\(')/g, (_, quoted: string | undefined, escaped: string | undefined) => quoted ?? escaped ?? ''),
  );
}

function complete(result: Partial<RunResult>): RunResult {
  return { code: 0, stdout: '', stderr: '', ...result };
}
