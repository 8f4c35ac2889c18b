/** The figures of a verdict as words, the same in every form of the report. */

import { countsFailures } from '../../model/drill-budgets.ts';
import { budgetName } from '../judge/budgets.ts';
import { plural, seconds } from '../judge/reason.ts';
import type { Judged } from './judged.ts';

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What a recording is of. */
export function subject({ recording: { header } }: Judged): string {
  const what = header.fault === '' ? header.drill : header.fault;
  return `${what}; ${header.scheme}, cluster ${header.cluster}, ${header.startedAt.slice(0, 16).replace('T', ' ')} UTC, trivet ${header.trivet}`;
}

/** Times and counts, in the order in which they are asked for. */
export function facts({ verdict }: Judged): readonly Fact[] {
  const { detect, failOverMs, recover, writes, fault } = verdict;
  const sum = (count: (one: (typeof writes)[number]) => number) => writes.reduce((total, one) => total + count(one), 0);
  const unknown = sum(({ unknown: { there } }) => there);
  return [
    ...(fault.injectedMs === undefined
      ? []
      : [
          { name: 'detected after', value: detect === undefined ? 'not recorded' : `${seconds(detect.ms)} (${detect.by})` },
          { name: 'new connections again after', value: failOverMs === undefined ? 'not recorded' : seconds(failOverMs) },
          { name: 'whole after healing', value: recover === undefined ? 'not recorded' : seconds(recover.ms) },
        ]),
    {
      name: 'writes',
      value:
        writes.length === 0
          ? 'none'
          : `${sum(({ acknowledged }) => acknowledged)} acknowledged, ${sum(({ lost }) => lost.length)} lost${unknown > 0 ? `, ${unknown} there without an answer` : ''}`,
    },
  ];
}

export interface BudgetRow {
  readonly name: string;
  readonly measured: string;
  readonly budget: string;
  readonly kept: string;
}

/** Budgets of what was measured, or should have been. */
export function budgetRows({ verdict }: Judged): readonly BudgetRow[] {
  return verdict.budgets
    .filter(({ kept, reason }) => kept !== 'not measured' || reason !== undefined)
    .map(({ name, measuredMs, from, limitMs, source, kept }) => ({
      name,
      measured:
        measuredMs === undefined ? '–' : `${amount(name, measuredMs)}${from === undefined || name.includes('@') ? '' : ` (${from})`}`,
      budget: `${amount(name, limitMs)}${source === 'scheme' ? '' : `, from the ${source}`}`,
      kept,
    }));
}

function amount(name: string, value: number): string {
  return countsFailures(name) ? `${value} failed` : seconds(value);
}

export interface ProbeRow {
  readonly name: string;
  readonly gap: string;
  readonly span: string;
  readonly attempts: string;
  readonly why: string;
}

/** Each client's worst time, counted from the fault. */
export function probeRows({ verdict }: Judged): readonly ProbeRow[] {
  const zeroMs = verdict.fault.injectedMs ?? 0;
  const at = (ms: number | undefined) => (ms === undefined ? '–' : `${ms < zeroMs ? '−' : '+'}${seconds(Math.abs(ms - zeroMs))}`);
  return verdict.gaps.map(({ probe, from, client, gapMs, beginMs, endMs, attempts, failed, refused, reasons }) => ({
    name: `${probe} from ${from}${client === undefined ? '' : ` (${client})`}`,
    gap: seconds(gapMs),
    span: `${at(beginMs)} to ${at(endMs)}`,
    attempts: `${failed} of ${attempts} failed${refused === 0 ? '' : `, ${refused} refused`}`,
    why: reasons
      .slice(0, 3)
      .map(([reason, count]) => `${count} × ${reason}`)
      .join(', '),
  }));
}

/** Up to so many recordings stand beside one another, a column each; more are rows of an overview. */
export const besideOneAnother = 4;

export const overviewHead = ['recording', 'scheme', 'fault', 'verdict', 'new connections', 'writes', 'lost', 'whole after', 'why'] as const;

export interface OverviewRow {
  readonly name: string;
  readonly result: Judged['verdict']['result'];
  /** In the order of the head, the name and the verdict left out. */
  readonly scheme: string;
  readonly fault: string;
  readonly figures: readonly [newConnections: string, writes: string, lost: string, recover: string];
  readonly why: string;
}

/** A suite at a glance: a row for each recording, with the first thing that speaks against it. */
export function overviewRows(judged: readonly Judged[]): readonly OverviewRow[] {
  return judged.map(({ recording: { name, header }, verdict }) => {
    const { gaps, writes, recover, reasons, result } = verdict;
    const own = gaps.filter(({ probe }) => budgetName(probe) === 'new-connections');
    const sum = (count: (one: (typeof writes)[number]) => number) => writes.reduce((total, one) => total + count(one), 0);
    const count = (value: number) => (writes.length === 0 ? '–' : String(value));
    return {
      name,
      result,
      scheme: header.scheme,
      fault: header.fault === '' ? header.drill : header.fault,
      figures: [
        own.length === 0 ? '–' : seconds(own.reduce((worst, { gapMs }) => Math.max(worst, gapMs), 0)),
        count(sum(({ acknowledged }) => acknowledged)),
        count(sum(({ lost }) => lost.length)),
        recover === undefined ? '–' : seconds(recover.ms),
      ],
      why: reasons.find(({ verdict: kind }) => kind !== 'note')?.text ?? '',
    };
  });
}

/** «line 12» or «lines 12, 40» of the recording. */
export function linesText(lines: readonly number[]): string {
  return lines.length === 0 ? '' : `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;
}

export function headline({ recording, verdict }: Judged): string {
  const budgets = verdict.budgets.filter(({ kept }) => kept === 'kept').length;
  const word = { pass: 'PASS', fail: 'FAIL', inconclusive: 'INCONCLUSIVE' }[verdict.result];
  return `${word}: ${recording.name}: ${plural(budgets, 'budget')} kept, ${plural(recording.lines.length, 'event')} in ${seconds(recording.endMs)}`;
}
