/** Writes how drills went, in the forms that were asked for. */

import { writeFile } from 'node:fs/promises';
import { htmlReport } from '../drill/report/html-report.ts';
import { jsonReport } from '../drill/report/json-report.ts';
import type { Judged } from '../drill/report/judged.ts';
import { markdownReport } from '../drill/report/markdown-report.ts';
import { textReport } from '../drill/report/text-report.ts';
import { Failure } from '../model/failure.ts';
import { type DrillOutcome, summaryMarkdown, summaryRow, summaryText } from './drill-summary.ts';

export interface OutcomeForms {
  readonly html?: string;
  readonly md?: string;
  readonly output?: 'text' | 'json';
}

/** To standard output: of one drill its whole report, of several a table. */
export async function writeOutcomes(outcomes: readonly DrillOutcome[], forms: OutcomeForms): Promise<void> {
  const rows = outcomes.map(summaryRow);
  const judged = outcomes.flatMap((outcome): readonly Judged[] => (outcome.kind === 'judged' ? [outcome.result.judged] : []));
  if (forms.output === 'json') process.stdout.write(`${JSON.stringify({ drills: rows, ...jsonReport(judged) }, null, 2)}\n`);
  else if (outcomes.length === 1 && judged.length === 1) process.stdout.write(textReport(judged, process.stdout.columns ?? 100));
  else if (rows.some(({ result }) => result !== 'skipped' && result !== 'refused')) process.stdout.write(summaryText(rows));
  if (forms.html !== undefined && judged.length > 0) await write(forms.html, htmlReport(judged));
  if (forms.md !== undefined) {
    await write(forms.md, [...(rows.length > 1 ? [summaryMarkdown(rows)] : []), ...judged.map((one) => markdownReport([one]))].join('\n'));
  }
}

async function write(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    throw new Failure('USAGE', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
