/** The command line but care: argv → one call → exit code. */

import { Command, CommanderError } from 'commander';
import { addBundleCommand } from './commands/bundle.ts';
import { addCareCommand } from './commands/care.ts';
import { addClusterCommands } from './commands/cluster.ts';
import { addDashboardCommand } from './commands/dashboard.ts';
import { addDrillCommand } from './commands/drill.ts';
import { addLabCommand } from './commands/lab.ts';
import { printError } from './print-error.ts';
import { version } from './version.ts';

/** Reads process.argv and sets process.exitCode. */
export async function runCli(): Promise<void> {
  const program = new Command('trivet')
    .description('Highly available Kubernetes control planes on your own machines, proved by measured failures.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .showHelpAfterError('(trivet --help lists the commands)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride()
    .addHelpText(
      'after',
      `
Start here:
  trivet init --master IP --master IP --master IP --node IP --vip V > cluster.yaml
  trivet schemes         the ways to keep the endpoint alive, and what each costs
  trivet plan            what would be done; trivet render HOST prints the files
  trivet up              do it; run it again at any time
  trivet lab up          four rehearsal machines on this box, with a cluster file`,
    );

  addClusterCommands(program);
  addCareCommand(program);
  addBundleCommand(program);
  addLabCommand(program);
  addDrillCommand(program);
  addDashboardCommand(program);

  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = printError(error);
  }
}
