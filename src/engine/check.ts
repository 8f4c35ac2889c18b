/** Asks a machine which steps are already done: one look for all files, one for all units, each command's check by itself. */

import { Failure } from '../model/failure.ts';
import { reveal } from '../model/secret.ts';
import type { FileAction, LinkAction, ServiceAction, Step, UploadAction } from '../model/step.ts';
import { withBlock } from './execute/block.ts';
import { type FileState, type Look, look } from './look.ts';
import type { Machine } from './machine.ts';
import { REMAINING } from './machine-scripts.ts';
import { runScript } from './must-run.ts';
import { digestOf } from './record.ts';
import { readUnits, type UnitState } from './unit-state.ts';

type Asked = Pick<Machine, 'connection' | 'signal'>;

/** The steps that need nothing. A service that a changing file restarts is not among them. */
export async function checkSteps(machine: Asked, steps: readonly Step[]): Promise<ReadonlySet<Step>> {
  const [seen, units, remaining, singles] = await Promise.all([
    lookFor(machine, steps),
    unitsOf(machine, steps),
    remainingOf(machine, steps),
    Promise.all(steps.map((step) => checkAlone(machine, step))),
  ]);
  const done = new Set<Step>();
  const restarting = new Set<string>();
  steps.forEach((step, index) => {
    const { action } = step;
    if (isDone(step, { seen, units, remaining, alone: singles[index] ?? false, restarting })) done.add(step);
    else if ((action.kind === 'file' || action.kind === 'upload') && action.restarts !== undefined) restarting.add(action.restarts);
  });
  return done;
}

interface Findings {
  readonly seen: Look;
  readonly units: ReadonlyMap<string, UnitState>;
  readonly remaining: ReadonlySet<string>;
  readonly alone: boolean;
  readonly restarting: ReadonlySet<string>;
}

function isDone({ action }: Step, { seen, units, remaining, alone, restarting }: Findings): boolean {
  switch (action.kind) {
    case 'file':
      return fileDone(action, seen.files.get(action.path));
    case 'upload':
      return uploadDone(action, seen);
    case 'link':
      return linkDone(action, seen.files.get(action.path));
    case 'service':
      return serviceDone(action, units.get(action.unit), seen.restarts.has(action.unit) || restarting.has(action.unit));
    case 'remove':
      return !remaining.has(action.path);
    case 'block':
    case 'command':
    case 'wait':
      return alone;
  }
}

function fileDone(action: FileAction, file: FileState | undefined): boolean {
  return (
    file?.type === 'file' && file.mode === action.mode && file.owner === action.owner && file.sha256 === digestOf(reveal(action.content))
  );
}

function uploadDone(action: UploadAction, seen: Look): boolean {
  const file = seen.files.get(action.path);
  const stamp = seen.stamps.get(action.path);
  return (
    file?.type === 'file' &&
    file.mode === action.mode &&
    file.owner === 'root:root' &&
    file.bytes === action.bytes &&
    stamp?.sha256 === action.sha256 &&
    stamp.bytes === file.bytes &&
    stamp.modified === file.modified
  );
}

function linkDone(action: LinkAction, file: FileState | undefined): boolean {
  return file?.type === 'link' && file.target === action.target;
}

/** Also decides for the service step itself what is left to do. */
export function serviceDone(action: ServiceAction, state: UnitState | undefined, restartPending: boolean): boolean {
  if (state?.exists !== true) return !action.enabled && !action.active;
  if (state.canEnable && state.enabled !== action.enabled) return false;
  // Without a wish for it, a unit may run or not: kubeadm starts the kubelet.
  const wanted = action.active ?? state.active;
  return state.active === wanted && !(restartPending && wanted);
}

async function lookFor(machine: Asked, steps: readonly Step[]): Promise<Look> {
  const hashed: string[] = [];
  const plain: string[] = [];
  let services = false;
  for (const { action } of steps) {
    if (action.kind === 'file') hashed.push(action.path);
    else if (action.kind === 'upload' || action.kind === 'link') plain.push(action.path);
    else if (action.kind === 'service') services = true;
  }
  if (hashed.length + plain.length === 0 && !services) return { files: new Map(), stamps: new Map(), restarts: new Set() };
  return look(machine, { hashed, plain });
}

async function unitsOf(machine: Asked, steps: readonly Step[]): Promise<ReadonlyMap<string, UnitState>> {
  const names = [...new Set(steps.flatMap(({ action }) => (action.kind === 'service' ? [action.unit] : [])))];
  const states = await readUnits(machine, names);
  return new Map(names.flatMap((name, index) => (states[index] === undefined ? [] : [[name, states[index]]])));
}

async function remainingOf(machine: Asked, steps: readonly Step[]): Promise<ReadonlySet<string>> {
  const paths = steps.flatMap(({ action }) => (action.kind === 'remove' ? [action.path] : []));
  if (paths.length === 0) return new Set();
  const { stdout } = await runScript(machine, 'look for what is to be removed', REMAINING, paths);
  return new Set(stdout.split('\n').filter((line) => line !== ''));
}

/** A check that does not answer in time is a check that does not pass. */
async function checkAlone({ connection, signal }: Asked, { action }: Step): Promise<boolean> {
  if (action.kind === 'block') {
    const text = (await connection.read(action.path)) ?? '';
    return withBlock(text, action.name, action.content) === text;
  }
  if (action.kind !== 'command' && action.kind !== 'wait') return false;
  const argv = action.kind === 'command' ? action.check : action.argv;
  try {
    return (await connection.run(argv, { signal, timeoutSeconds: 60 })).code === 0;
  } catch (error) {
    if (error instanceof Failure && error.code === 'CONNECTION_TIMEOUT') return false;
    throw error;
  }
}
