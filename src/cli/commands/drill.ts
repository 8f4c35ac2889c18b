/** `trivet drill report`: judges recordings of drills again, and shows them. */

import { type Command, Option } from 'commander';

interface ReportFlags {
  readonly html?: string;
  readonly md?: string;
  readonly output: 'text' | 'json';
  readonly budget: readonly string[];
}

/** Adds the command and its subcommands; what they need is loaded when they run. */
export function addDrillCommand(program: Command): void {
  const drill = program.command('drill').description('recordings of real failures, judged and shown');
  drill
    .command('report')
    .description('judge recordings of drills by what clients saw; exit 0 when all pass, 1 when one fails, 3 when one proves nothing')
    .argument('<file...>', 'recordings (NDJSON, also packed as .gz); several are also compared')
    .option('--html <path>', 'write one self-contained page with the time lines')
    .option('--md <path>', 'write Markdown, for CI')
    .option(
      '--budget <name=ms>',
      "a budget instead of the scheme's own, such as new-connections=650 or watch@worker=3000, repeatable",
      append,
      [],
    )
    .addOption(new Option('-o, --output <format>', 'text for people, json for machines').choices(['text', 'json']).default('text'))
    .action(async (files: readonly string[], flags: ReportFlags) => {
      const { drillReport } = await import('../drill-report.ts');
      process.exitCode = await drillReport(files, flags);
    });
}

function append(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
