/** The probes' process: its plan from standard input, its events to standard output. Apart from its entry, so that the executable has it too. */

import { createInterface } from 'node:readline';
import { probePlanSchema } from './probe-plan.ts';
import { runProbes } from './run-probes.ts';

/** Ends when the input does, so that nothing is left behind when the parent dies. */
export async function probesFromInput(): Promise<void> {
  const input = createInterface({ input: process.stdin });
  const stop = new AbortController();
  const abort = () => stop.abort();
  input.once('close', abort);
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  const line = await new Promise<string | undefined>((resolve) => {
    input.once('line', resolve);
    input.once('close', () => resolve(undefined));
  });
  if (line === undefined) return;
  await runProbes(probePlanSchema.parse(JSON.parse(line)), stop.signal, (event) => {
    process.stdout.write(`${JSON.stringify(event)}\n`);
  });
  input.close();
  process.stdin.destroy();
}
