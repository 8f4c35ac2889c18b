/** Connections held open through a virtual address by a process in a machine's network, and how they end. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { toolPath } from '../../src/lab/run-tool.ts';
import { inNetworkOf } from './care-backend.ts';
import { type HeldEvent, type HeldPlan, heldEventSchema } from './care-held-events.ts';

export interface HeldConnections {
  readonly events: readonly HeldEvent[];
  /** Of those that are open now: client to backend. */
  readonly open: () => ReadonlyMap<number, string>;
  readonly close: () => Promise<void>;
}

const program = fileURLToPath(new URL('care-held-process.ts', import.meta.url));

/** It dies with this process. */
export function holdConnections(lab: string, machine: string, plan: HeldPlan): HeldConnections {
  const [command = '', ...rest] = [...inNetworkOf(lab, machine), process.execPath, program];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PATH: toolPath() } });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.on('error', () => undefined);
  const events: HeldEvent[] = [];
  const open = new Map<number, string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = heldEventSchema.parse(JSON.parse(line));
    events.push(event);
    if (event.kind === 'held') open.set(event.client, event.backend);
    else open.delete(event.client);
  });
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  return {
    events,
    open: () => open,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
