/**
 * Clients with connections that stay open, as kubelets have them. The first line on standard input is a HeldPlan; prints a HeldEvent
 * whenever a connection has its backend and when it ends, and opens it again. Ends when its input does.
 */

import { get } from 'node:https';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import { type HeldEvent, type HeldPlan, heldPlanSchema } from './care-held-events.ts';

const againMs = 50;
const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => {
  const plan = heldPlanSchema.parse(JSON.parse(line));
  if (!plan.idle) setPriority(-10);
  for (let client = 0; client < plan.count; client++) holdOne(client, plan);
});
lines.once('close', () => process.exit(0));

function holdOne(client: number, plan: HeldPlan): void {
  const { host, port, ca } = plan;
  let backend: string | undefined;
  let over = false;
  const end = (reason: string) => {
    if (over) return;
    over = true;
    if (backend !== undefined) say({ kind: 'ended', client, backend, atMs: monotonicMs(), reason });
    setTimeout(() => holdOne(client, plan), againMs);
  };
  const request = get({ host, port, path: '/hold', agent: false, ca, servername: '', timeout: 120_000 }, (response) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      if (backend !== undefined) return;
      backend = text.split('\n')[0] ?? '';
      say({ kind: 'held', client, backend, atMs: monotonicMs() });
    });
    response.once('end', () => end('end'));
    response.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  request.once('timeout', () => request.destroy(new Error('silent')));
  // An attempt that nobody takes must not last for ever, but longer than any goal.
  setTimeout(() => {
    if (backend === undefined) request.destroy(new Error('no answer'));
  }, 10_000).unref();
}

function say(event: HeldEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
