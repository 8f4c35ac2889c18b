/** `trivet drill-agent …`: what trivet starts on machines, or beside itself, by itself. Apart from the command line, as care is. */

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probesFromInput } from '../probes/probes-from-input.ts';
import { agentPlanSchema } from './agent-plan.ts';
import { runAgent } from './run-agent.ts';

/** `--directory DIR` reads DIR/plan.json and writes DIR/port; `--probes` are the probes alone, their plan on standard input. The exit code. */
export async function agentMain(args: readonly string[]): Promise<number> {
  const [flag, directory] = args;
  if (flag === '--probes') {
    await probesFromInput();
    return 0;
  }
  if (flag !== '--directory' || directory === undefined) {
    process.stderr.write('trivet drill-agent is started by trivet drill, not by hand\n');
    return 2;
  }
  const file = join(directory, 'plan.json');
  const text = await readFile(file, 'utf8');
  // It may hold a key of the cluster.
  await rm(file);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGTERM', interrupt).once('SIGINT', interrupt);
  const agent = await runAgent(agentPlanSchema.parse(JSON.parse(text)), stop.signal);
  await writeFile(join(directory, 'port.new'), `${agent.port}\n`, { mode: 0o600 });
  await rename(join(directory, 'port.new'), join(directory, 'port'));
  await agent.ended;
  process.off('SIGTERM', interrupt).off('SIGINT', interrupt);
  return 0;
}
