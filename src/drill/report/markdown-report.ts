/** The report for CI's summaries and for pull requests. */

import type { Judged } from './judged.ts';
import { besideOneAnother, budgetRows, facts, linesText, overviewHead, overviewRows, probeRows, subject } from './summary.ts';
import { factNames } from './text-report.ts';

const marks = { pass: '✅ pass', fail: '❌ fail', inconclusive: '❔ inconclusive' };

/** With a line end. */
export function markdownReport(judged: readonly Judged[]): string {
  return [...(judged.length > 1 ? [comparison(judged)] : []), ...judged.map(reportOf)].join('\n');
}

function comparison(judged: readonly Judged[]): string {
  if (judged.length > besideOneAnother) {
    const rows = overviewRows(judged).map(({ name, scheme, fault, result, figures, why }) => [
      name,
      scheme,
      fault,
      marks[result],
      ...figures,
      why,
    ]);
    return table([overviewHead, ...rows]);
  }
  const names = [...new Set(judged.flatMap((one) => budgetRows(one).map(({ name }) => name)))];
  return table([
    ['', ...judged.map(({ recording }) => recording.name)],
    ['scheme', ...judged.map(({ recording }) => recording.header.scheme)],
    ['verdict', ...judged.map(({ verdict }) => marks[verdict.result])],
    ...factNames(judged).map((name) => [name, ...judged.map((one) => facts(one).find((fact) => fact.name === name)?.value ?? '–')]),
    ...names.map((name) => [`budget: ${name}`, ...judged.map((one) => measuredOf(one, name))]),
  ]);
}

function measuredOf(one: Judged, name: string): string {
  const row = budgetRows(one).find((own) => own.name === name);
  if (row === undefined) return '–';
  return row.kept === 'missed' ? `**${row.measured}**` : row.measured;
}

function reportOf(one: Judged): string {
  const { recording, verdict } = one;
  const reasons = verdict.reasons.map(({ verdict: kind, text, lines }) => {
    const where = linesText(lines);
    return `- ${kind === 'note' ? '' : `**${kind}**: `}${escaped(text)}${where === '' ? '' : ` (${where})`}`;
  });
  return [
    `## ${marks[verdict.result]}: ${escaped(recording.name)}`,
    escaped(subject(one)),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    '',
    table([['', ''], ...facts(one).map(({ name, value }) => [name, value])]),
    table([
      ['budget', 'measured', 'at most', ''],
      ...budgetRows(one).map(({ name, measured, budget, kept }) => [name, measured, budget, kept]),
    ]),
    table([
      ['client', 'longest gap', 'from the fault', 'attempts', 'why'],
      ...probeRows(one).map(({ name, gap, span, attempts, why }) => [name, gap, span, attempts, why]),
    ]),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |\n`;
  return `${line(head)}|${head.map(() => '---|').join('')}\n${body.map(line).join('')}`;
}

/** Marks that were put in on purpose, such as **, stay: names of machines and probes hardly have them. */
function escaped(text: string): string {
  return text.replaceAll(/[|<>`[\]\\]/g, (character) => `\\${character}`);
}
