/** `trivet dashboard`: its flags and help; the work is loaded when it is asked for. */

import { type Command, InvalidArgumentError } from 'commander';

export function addDashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description('a live page of the cluster, and of a drill as it happens: read-only, on 127.0.0.1, by the printed address only')
    .option('-f, --file <file>', 'cluster file (default: ./cluster.yaml)')
    .option('--allow-even', 'accept an even number of masters')
    .option('--port <number>', 'port on 127.0.0.1 (one that is free)', portNumber)
    .option('--recordings <directory>', 'where drills leave their recordings (~/.local/state/trivet/recordings)')
    .action(async (options) => {
      const { dashboard } = await import('../dashboard.ts');
      await dashboard(options);
    });
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535) throw new InvalidArgumentError('a port, 1 to 65535.');
  return value;
}
