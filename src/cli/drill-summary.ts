/** Several drills in one table: who was the victim, the verdict, the longest gap, lost writes, how long until all was whole. */

import type { DrillResult } from '../drill/run/run-drill.ts';
import type { Failure } from '../model/failure.ts';

/** A drill that was run, or was not; `skipped`: of a suite, because it means nothing on this cluster. */
export type DrillOutcome =
  | { readonly kind: 'judged'; readonly result: DrillResult }
  | { readonly kind: 'refused'; readonly drill: string; readonly failure: Failure }
  | { readonly kind: 'skipped'; readonly drill: string; readonly reason: string };

export interface SummaryRow {
  readonly drill: string;
  readonly victims: readonly string[];
  readonly result: 'pass' | 'fail' | 'inconclusive' | 'refused' | 'skipped';
  /** The longest of all places, in milliseconds; undefined: not measured. */
  readonly newConnectionsGapMs?: number;
  readonly writesAcknowledged?: number;
  readonly writesLost?: number;
  readonly recoverMs?: number;
  /** What speaks against a pass. */
  readonly reasons: readonly string[];
  readonly recording?: string;
}

export function summaryRow(outcome: DrillOutcome): SummaryRow {
  if (outcome.kind === 'refused') {
    const { code, message, findings } = outcome.failure;
    // What should have come about in the cluster did not; all else is no fault of the cluster's.
    const result = code === 'DRILL_EXERCISE' ? 'fail' : 'refused';
    return { drill: outcome.drill, victims: [], result, reasons: [message, ...findings] };
  }
  if (outcome.kind === 'skipped') return { drill: outcome.drill, victims: [], result: 'skipped', reasons: [outcome.reason] };
  const { drill, victims, recording, judged } = outcome.result;
  const { result, gaps, writes, recover, reasons } = judged.verdict;
  const own = gaps.filter(({ probe }) => probe === 'new connections');
  const read = writes.filter(({ readBackLine }) => readBackLine !== undefined);
  return {
    drill,
    victims,
    result,
    ...(own.length > 0 && { newConnectionsGapMs: Math.round(Math.max(...own.map(({ gapMs }) => gapMs))) }),
    ...(writes.length > 0 && { writesAcknowledged: writes.reduce((sum, { acknowledged }) => sum + acknowledged, 0) }),
    ...(read.length > 0 && { writesLost: read.reduce((sum, { lost }) => sum + lost.length, 0) }),
    ...(recover !== undefined && { recoverMs: Math.round(recover.ms) }),
    reasons: reasons.filter(({ verdict }) => verdict !== 'note').map(({ text }) => text),
    recording,
  };
}

const heads = ['drill', 'victim', 'verdict', 'longest gap', 'writes lost', 'whole after'];

function cells({ drill, victims, result, newConnectionsGapMs, writesAcknowledged, writesLost, recoverMs }: SummaryRow): readonly string[] {
  return [
    drill,
    victims.join(', ') || '–',
    result,
    newConnectionsGapMs === undefined ? '–' : `${(newConnectionsGapMs / 1000).toFixed(2)} s`,
    writesLost === undefined ? '–' : `${writesLost} of ${writesAcknowledged ?? 0}`,
    recoverMs === undefined ? '–' : `${(recoverMs / 1000).toFixed(1)} s`,
  ];
}

/** With a line end; below the table why each that did not pass did not. */
export function summaryText(rows: readonly SummaryRow[]): string {
  const shown = rows.filter(({ result }) => result !== 'skipped');
  const table = [heads, ...shown.map(cells)];
  const widths = heads.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${[...lines, ...why(rows)].join('\n')}\n`;
}

/** For CI, with a line end. */
export function summaryMarkdown(rows: readonly SummaryRow[]): string {
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const shown = rows.filter(({ result }) => result !== 'skipped');
  const reasons = why(rows).filter((text) => text !== '');
  return [
    line(heads),
    line(heads.map(() => '---')),
    ...shown.map((row) => line(cells(row))),
    '',
    ...reasons.map((text) => `- ${text}`),
    '',
  ].join('\n');
}

function why(rows: readonly SummaryRow[]): readonly string[] {
  const told = rows.filter(({ result, reasons }) => result !== 'pass' && reasons.length > 0);
  return told.length === 0 ? [] : ['', ...told.map(({ drill, result, reasons }) => `${drill} (${result}): ${reasons.join('; ')}`)];
}

/** 0 all pass, 1 one fails, 3 one proves nothing or was refused, or there was none. */
export function exitStatus(rows: readonly SummaryRow[]): number {
  const run = rows.filter(({ result }) => result !== 'skipped');
  if (run.some(({ result }) => result === 'fail')) return 1;
  return run.length === 0 || run.some(({ result }) => result !== 'pass') ? 3 : 0;
}
