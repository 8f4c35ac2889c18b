/** Reads recordings, judges each, and writes the report in the forms that were asked for. */

import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readBudget } from '../drill/judge/budgets.ts';
import { readRecording } from '../drill/recording/read-recording.ts';
import { htmlReport } from '../drill/report/html-report.ts';
import { jsonReport } from '../drill/report/json-report.ts';
import { type Judged, judged } from '../drill/report/judged.ts';
import { markdownReport } from '../drill/report/markdown-report.ts';
import { textReport } from '../drill/report/text-report.ts';
import { Failure } from '../model/failure.ts';
import { describeFailure } from './print-error.ts';

export interface DrillReportOptions {
  readonly html?: string;
  readonly md?: string;
  readonly output: 'text' | 'json';
  readonly budget: readonly string[];
}

/** Writes to standard output; what is refused goes to standard error. Exit status: 0 all pass, 1 one fails, 3 inconclusive or refused. */
export async function drillReport(files: readonly string[], options: DrillReportOptions): Promise<number> {
  const budgets = new Map(options.budget.map(readBudget));
  const reports: Judged[] = [];
  const refused: Failure[] = [];
  for (const file of files) {
    try {
      reports.push(judged(await readRecording(file, nameOf(file, files)), budgets));
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'DRILL_RECORDING') throw error;
      refused.push(error);
      process.stderr.write(`${describeFailure(error)}\n`);
    }
  }
  if (options.output === 'json') {
    const words = refused.map(({ code, message }) => ({ code, message }));
    process.stdout.write(`${JSON.stringify({ ...jsonReport(reports), refused: words }, null, 2)}\n`);
  } else if (reports.length > 0) process.stdout.write(textReport(reports, process.stdout.columns ?? 100));
  if (reports.length > 0) {
    if (options.html !== undefined) await write(options.html, htmlReport(reports));
    if (options.md !== undefined) await write(options.md, markdownReport(reports));
  }
  if (reports.some(({ verdict }) => verdict.result === 'fail')) return 1;
  return refused.length > 0 || reports.some(({ verdict }) => verdict.result === 'inconclusive') ? 3 : 0;
}

/** The file's name, or where two have the same one, its path. */
function nameOf(file: string, files: readonly string[]): string {
  return files.filter((other) => basename(other) === basename(file)).length > 1 ? file : basename(file);
}

async function write(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('USAGE', `${path} cannot be written: ${reason}`, { cause: error });
  }
}
