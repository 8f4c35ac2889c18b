/** Asks a machine which steps are already done: all questions in one run. */

import { reveal } from '../model/secret.ts';
import type { FileAction, LinkAction, ServiceAction, Step, UploadAction } from '../model/step.ts';
import { withBlock } from './execute/block.ts';
import { type FileState, type Look, lookArgv, parseLook } from './look.ts';
import type { Machine } from './machine.ts';
import { REMAINING, script } from './machine-scripts.ts';
import { digestOf } from './record.ts';
import { type Answer, runTogether } from './together.ts';
import { parseUnits, type UnitState, unitsArgv } from './unit-state.ts';

type Asked = Pick<Machine, 'connection' | 'signal'>;

/** The steps that need nothing. A service that a changing file restarts is not among them. */
export async function checkSteps(machine: Asked, steps: readonly Step[]): Promise<ReadonlySet<Step>> {
  const { units, removals, alone, commands } = questions(steps);
  const [files, services, remaining, ...answers] = await runTogether(machine, 'check what is done', commands);
  const findings = {
    seen: parseLook(files?.stdout ?? ''),
    units: parseUnits(services?.stdout ?? '', units),
    remaining: new Set(removals.length === 0 ? [] : remaining?.stdout.split('\n')),
  };
  const done = new Set<Step>();
  const restarting = new Set<string>();
  for (const step of steps) {
    const { action } = step;
    if (isDone(step, { ...findings, answer: answers[alone.indexOf(step)], restarting })) done.add(step);
    else if ((action.kind === 'file' || action.kind === 'upload') && action.restarts !== undefined) restarting.add(action.restarts);
  }
  return done;
}

interface Findings {
  readonly seen: Look;
  readonly units: ReadonlyMap<string, UnitState>;
  readonly remaining: ReadonlySet<string>;
  /** Of the step's own command, if it has one. */
  readonly answer: Answer | undefined;
  readonly restarting: ReadonlySet<string>;
}

function isDone({ action }: Step, { seen, units, remaining, answer, restarting }: Findings): boolean {
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
    case 'block': {
      const text = answer?.code === 0 ? answer.stdout : '';
      return withBlock(text, action.name, action.content) === text;
    }
    case 'command':
    case 'wait':
      return answer?.code === 0;
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

/** What to ask the machine. The first three commands are there in any case, `true` where nothing is to be asked. */
function questions(steps: readonly Step[]) {
  const hashed: string[] = [];
  const plain: string[] = [];
  const units = new Set<string>();
  const removals: string[] = [];
  const alone: Step[] = [];
  const own: (readonly string[])[] = [];
  for (const step of steps) {
    const { action } = step;
    if (action.kind === 'file') hashed.push(action.path);
    else if (action.kind === 'upload' || action.kind === 'link') plain.push(action.path);
    else if (action.kind === 'service') units.add(action.unit);
    else if (action.kind === 'remove') removals.push(action.path);
    else {
      alone.push(step);
      own.push(action.kind === 'block' ? ['cat', '--', action.path] : action.kind === 'command' ? action.check : action.argv);
    }
  }
  const anyFile = hashed.length + plain.length + units.size > 0;
  const first = [
    anyFile ? lookArgv({ hashed, plain }) : ['true'],
    units.size > 0 ? unitsArgv([...units], { reload: false }) : ['true'],
    removals.length > 0 ? script(REMAINING, ...removals) : ['true'],
  ];
  return { units: [...units], removals, alone, commands: steps.length === 0 ? [] : [...first, ...own] };
}
