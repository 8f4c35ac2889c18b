/** The report for a terminal: verdict first, then the time line, then what it rests on. */

import { seconds } from '../judge/reason.ts';
import { eventLines } from './event-lines.ts';
import type { Judged } from './judged.ts';
import { strips } from './strips.ts';
import { besideOneAnother, budgetRows, facts, headline, linesText, overviewHead, overviewRows, probeRows, subject } from './summary.ts';

/** With a line end. `columns`: how wide the terminal is. */
export function textReport(judged: readonly Judged[], columns: number): string {
  const parts = judged.map((one) => reportOf(one, columns));
  return [...parts, ...(judged.length > 1 ? [comparison(judged)] : [])].join('\n\n');
}

function reportOf(one: Judged, columns: number): string {
  const { verdict, recording } = one;
  const zeroMs = verdict.fault.injectedMs ?? 0;
  const marks = { fail: '✖', inconclusive: '?', note: ' ' };
  const reasons = verdict.reasons.map(({ verdict: kind, text, lines }) => {
    const where = linesText(lines);
    return `${marks[kind]} ${text}${where === '' ? '' : ` [${where}]`}`;
  });
  const changes = eventLines(recording).filter(({ initial }) => !initial);
  const events = changes.map(({ atMs, text }) => [`${atMs < zeroMs ? '−' : '+'}${seconds(Math.abs(atMs - zeroMs))}`, text] as const);
  return [
    headline(one),
    subject(one),
    ...reasons,
    '',
    ...strips(one, columns),
    '',
    ...table(facts(one).map(({ name, value }) => [name, value])),
    '',
    ...table([
      ['budget', 'measured', 'at most', ''],
      ...budgetRows(one).map(({ name, measured, budget, kept }) => [name, measured, budget, kept]),
    ]),
    '',
    ...table([
      ['client', 'gap', 'from … to', 'attempts', 'why'],
      ...probeRows(one).map(({ name, gap, span, attempts, why }) => [name, gap, span, attempts, why]),
    ]),
    '',
    ...table(events),
    '',
  ].join('\n');
}

/** One line for each recording. */
function overview(judged: readonly Judged[]): string {
  const rows = overviewRows(judged).map(({ name, scheme, fault, result, figures, why }) => [name, scheme, fault, result, ...figures, why]);
  return `${table([overviewHead, ...rows]).join('\n')}\n`;
}

/** One column for each recording; of many recordings one line for each. */
function comparison(judged: readonly Judged[]): string {
  if (judged.length > besideOneAnother) return overview(judged);
  const names = [...new Set(judged.flatMap((one) => budgetRows(one).map(({ name }) => name)))];
  const cells = (one: Judged, name: string) => budgetRows(one).find((row) => row.name === name);
  return `${table([
    ['', ...judged.map(({ recording }) => recording.name)],
    ['scheme', ...judged.map(({ recording }) => recording.header.scheme)],
    ['verdict', ...judged.map(({ verdict }) => verdict.result)],
    ...factNames(judged).map((name) => [name, ...judged.map((one) => facts(one).find((fact) => fact.name === name)?.value ?? '–')]),
    ...names.map((name) => [
      `budget: ${name}`,
      ...judged.map((one) => `${cells(one, name)?.measured ?? '–'}${cells(one, name)?.kept === 'missed' ? ' missed' : ''}`),
    ]),
  ]).join('\n')}\n`;
}

/** In the order of their first appearance. */
export function factNames(judged: readonly Judged[]): readonly string[] {
  return [...new Set(judged.flatMap((one) => facts(one).map(({ name }) => name)))];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
