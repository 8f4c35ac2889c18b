/** The commands about a cluster: their flags and help; the work is loaded when it is asked for. */

import { type Command, Option } from 'commander';
import { addClusterOptions } from '../cluster-options.ts';

export function addClusterCommands(program: Command): void {
  addClusterOptions(program.command('init').description('print the cluster file that the flags stand for')).action(async (options) => {
    const { init } = await import('./init.ts');
    await init(options);
  });

  addClusterOptions(program.command('plan').description('show what up would do; changes nothing'))
    .addOption(outputOption())
    .action(async (options) => {
      const { up } = await import('./up.ts');
      await up({ ...options, dryRun: true });
    });

  addRunOptions(addClusterOptions(program.command('up').description('build the cluster, or bring it to what the file says')))
    .option('--dry-run', 'the same as plan')
    .option('--from <phase>', 'begin with this phase (a wrong name lists them all)')
    .option('--only <phase>', 'run only this phase')
    .action(async (options) => {
      const { up } = await import('./up.ts');
      await up(options);
    });

  addClusterOptions(program.command('status').description('machines, nodes, etcd members, and who holds the endpoint'))
    .addOption(outputOption())
    .action(async (options) => {
      const { status } = await import('./status.ts');
      await status(options);
    });

  addClusterOptions(program.command('kubeconfig').description('print an admin kubeconfig for the endpoint')).action(async (options) => {
    const { kubeconfig } = await import('./kubeconfig.ts');
    await kubeconfig(options);
  });

  addRunOptions(
    addClusterOptions(
      program.command('reset').alias('clean').description('remove from the machines what trivet put there, and prove that it is gone'),
    ),
  )
    .option('--dry-run', 'show what would be removed')
    .action(async (options) => {
      const { reset } = await import('./reset.ts');
      await reset(options);
    });
}

function addRunOptions(command: Command): Command {
  return command.option('-y, --yes', 'do not ask').option('--verbose', 'also show steps that change nothing').addOption(outputOption());
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'text for people, json for machines').choices(['text', 'json']).default('text');
}
