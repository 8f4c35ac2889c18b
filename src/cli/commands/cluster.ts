/** The commands about a cluster: their flags and help; the work is loaded when it is asked for. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { addClusterOptions } from '../cluster-options.ts';

export function addClusterCommands(program: Command): void {
  addClusterOptions(program.command('init').description('print the cluster file that the flags stand for')).action(async (options) => {
    const { init } = await import('./init.ts');
    await init(options);
  });

  program
    .command('schemes')
    .description('the ways to keep the endpoint alive: what each survives and costs')
    .addOption(outputOption())
    .action(async (options) => {
      const { schemes } = await import('./schemes.ts');
      schemes(options);
    });

  addClusterOptions(program.command('plan').description('show what up would do; changes nothing'))
    .addOption(outputOption())
    .action(async (options) => {
      const { up } = await import('./up.ts');
      await up({ ...options, dryRun: true });
    });

  addClusterOptions(
    program
      .command('render')
      .description('print the files that up would write on one host')
      .argument('<host>', 'its name in the cluster file'),
  )
    .option('--only <what>', 'the files of one phase, or one path: then nothing but its content')
    .option('--offline', 'ask no machine: what only it could tell is assumed, and said')
    .addOption(outputOption())
    .action(async (host, options) => {
      const { render } = await import('./render.ts');
      await render(host, options);
    });

  addRunOptions(addClusterOptions(program.command('up').description('build the cluster, or bring it to what the file says')))
    .option('--dry-run', 'the same as plan')
    .option('--from <phase>', 'begin with this phase (a wrong name lists them all)')
    .option('--only <phase>', 'run only this phase')
    .action(async (options) => {
      const { up } = await import('./up.ts');
      await up(options);
    });

  addClusterOptions(
    program
      .command('status')
      .description('machines, nodes, balancers, etcd members, who keeps the endpoint and who leads; exit 1 when something is wrong'),
  )
    .addOption(outputOption())
    .action(async (options) => {
      const { status } = await import('./status.ts');
      await status(options);
    });

  addClusterOptions(
    program
      .command('kubeconfig')
      .description(
        'print an admin kubeconfig for the endpoint; where the endpoint is each node’s own (local-care, local-proxy) a context for each master',
      ),
  ).action(async (options) => {
    const { kubeconfig } = await import('./kubeconfig.ts');
    await kubeconfig(options);
  });

  addClusterOptions(
    program
      .command('endpoint')
      .description('the address that all clients of the API use')
      .command('check')
      .description('where new connections to it lead, tried from every node; and whether an idle one lives'),
  )
    .option('--idle <seconds>', 'also leave a watch alone for so long, and see whether it survives (60 says much, 600 more)', seconds)
    .addOption(outputOption())
    .action(async (options) => {
      const { endpointCheck } = await import('./endpoint.ts');
      await endpointCheck(options);
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

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 5 || value > 86_400) throw new InvalidArgumentError('a whole number of seconds, 5 to 86400.');
  return value;
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'text for people, json for machines').choices(['text', 'json']).default('text');
}
