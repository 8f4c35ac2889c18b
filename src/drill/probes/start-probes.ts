/** Starts the probes' process and collects what it records. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isSea } from 'node:sea';
import { packageRoot } from '../../local/package-root.ts';
import { Failure } from '../../model/failure.ts';
import { type ProbeEvent, readProbeEvent } from './probe-event.ts';
import type { ProbePlan } from './probe-plan.ts';

export interface RunningProbes {
  /** Everything recorded so far, in the order in which attempts ended. */
  readonly events: readonly ProbeEvent[];
  /** The status of the probes' process, when it ends by itself or by stop(). */
  readonly ended: Promise<number>;
  /** Ends the probes after the attempts under way and gives all events. A Failure INTERNAL if the process had died. */
  readonly stop: () => Promise<readonly ProbeEvent[]>;
}

/** `enter` is put before the command, such as nsenter into the lab's namespace. The process dies with this one. */
export function startProbes(plan: ProbePlan, enter: readonly string[] = []): RunningProbes {
  const argv = [...enter, ...probesArgv()];
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const events: ProbeEvent[] = [];
  let errors = '';
  let broken: unknown;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  child.stdin.on('error', (error) => {
    broken = error;
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => events.push(readProbeEvent(line)));
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      broken = error;
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  // Its standard input stays open: when this process dies, however it dies, the probes end.
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  return {
    events,
    ended,
    async stop() {
      child.stdin.end();
      const code = await ended;
      if (code !== 0) throw new Failure('INTERNAL', `the probes ended with status ${code}: ${errors.trim()}`, { cause: broken });
      return events;
    },
  };
}

/** In a checkout the file itself; else this very program, which has the probes in its agent: bundled for npm, or the one executable. */
function probesArgv(): readonly string[] {
  if (isSea()) return [process.execPath, 'drill-agent', '--probes'];
  const source = join(packageRoot(), 'src/drill/probes/probe-process.ts');
  return existsSync(source)
    ? [process.execPath, source]
    : [process.execPath, join(packageRoot(), 'dist', 'main.js'), 'drill-agent', '--probes'];
}
