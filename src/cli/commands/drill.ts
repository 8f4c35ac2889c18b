/** `trivet drill`: real failures on a cluster, recorded and judged. Flags and help; the work is loaded when it is asked for. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { addClusterOptions } from '../cluster-options.ts';

interface ReportFlags {
  readonly html?: string;
  readonly md?: string;
  readonly output: 'text' | 'json';
  readonly budget: readonly string[];
}

/** Adds the command and its subcommands; what they need is loaded when they run. */
export function addDrillCommand(program: Command): void {
  const drill = program.command('drill').description('real failures on a cluster of your own: put in, healed, measured, judged');

  addClusterOptions(
    drill
      .command('list')
      .description('the drills there are; with -f also which of them this cluster can have now, and on whom each would act'),
  )
    .addOption(outputOption())
    .action(async (options) => {
      const { drillList } = await import('../drill-list.ts');
      await drillList(options);
    });

  addRunOptions(
    drill
      .command('run')
      .description(
        'run drills one after another; asks first; exit 0 when all pass, 1 when one fails, 3 when one proves nothing or is refused',
      )
      .argument('<name...>', 'as trivet drill list names them'),
  )
    .option('--victim <host>', 'act on this machine, and not on the one that the drill would choose')
    .option('--hold <seconds>', 'how long the fault stays in', seconds)
    .action(async (names: readonly string[], options) => {
      const { drillRun } = await import('../drill-run.ts');
      process.exitCode = await drillRun({ kind: 'named', names }, options);
    });

  addRunOptions(
    drill.command('suite').description('run all drills that this cluster can have; those that stop all writes only with --i-mean-it'),
  )
    .option('--only <group>', 'only the drills of this group; repeatable', append, [])
    .action(async (options) => {
      const { drillRun } = await import('../drill-run.ts');
      process.exitCode = await drillRun({ kind: 'suite', groups: options.only }, options);
    });

  addReportOptions(
    drill
      .command('report')
      .description('judge recordings of drills by what clients saw; exit 0 when all pass, 1 when one fails, 3 when one proves nothing')
      .argument('<file...>', 'recordings (NDJSON, also packed as .gz); several are also compared'),
  ).action(async (files: readonly string[], flags: ReportFlags) => {
    const { drillReport } = await import('../drill-report.ts');
    process.exitCode = await drillReport(files, flags);
  });
}

function addRunOptions(command: Command): Command {
  return addReportOptions(addClusterOptions(command))
    .option('-y, --yes', 'do not ask')
    .option('--clients-on <host>', 'clients stand outside and on this machine; repeatable. Default: a worker and every master', append)
    .option('--i-mean-it', 'also drills that cost etcd its quorum, so that no write can be made meanwhile');
}

function addReportOptions(command: Command): Command {
  return command
    .option('--html <path>', 'write one self-contained page with the time lines')
    .option('--md <path>', 'write Markdown, for CI')
    .option(
      '--budget <name=ms>',
      "a budget instead of the scheme's own, such as new-connections=650 or watch@worker=3000, repeatable",
      append,
      [],
    )
    .addOption(outputOption());
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'text for people, json for machines').choices(['text', 'json']).default('text');
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 900) throw new InvalidArgumentError('a whole number of seconds, 1 to 900.');
  return value;
}

function append(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}
