/** A stand-in for an apiserver in a machine's network, held by this process: it can be told what to answer, frozen and killed. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import { machineId, namespacePath } from '../../src/lab/lab-names.ts';
import { toolPath } from '../../src/lab/run-tool.ts';
import type { BackendOrder, BackendPlan } from './care-backend-orders.ts';

export interface CareBackend {
  readonly name: string;
  readonly address: string;
  /** The line that it answers with. */
  readonly tell: (order: BackendOrder) => Promise<unknown>;
  /** Sends the signal; monotonic milliseconds right before. */
  readonly signal: (signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => number;
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

const program = fileURLToPath(new URL('care-backend-process.ts', import.meta.url));

/** What precedes a command that is to run in the network of a lab's machine, as a process of the box. */
export function inNetworkOf(lab: string, machine: string): readonly string[] {
  return ['nsenter', `--net=${namespacePath(machineId(lab, machine))}`, '--'];
}

/** Resolves when all of its ports listen. It dies with this process. */
export async function startBackend(lab: string, machine: string, plan: BackendPlan): Promise<CareBackend> {
  const [command = '', ...rest] = [...inNetworkOf(lab, machine), process.execPath, program];
  const child: Child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PATH: toolPath() } });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(line)}\n`);
    const { value, done } = await answers.next();
    if (done === true) throw new Error(`the backend on ${machine} has ended`);
    return JSON.parse(String(value));
  };
  await ask(plan);
  return {
    name: plan.name,
    address: `${plan.ip}:${plan.ports[0]}`,
    tell: ask,
    signal: (signal) => {
      const atMs = monotonicMs();
      child.kill(signal);
      return atMs;
    },
    ended,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
