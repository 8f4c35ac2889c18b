/** The few statistics that the benchmarks need. */

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** −Infinity of nothing. */
export function worst(values: readonly number[]): number {
  return Math.max(...values);
}

/** `1.23 s` */
export function seconds(value: number, digits = 2): string {
  return figure(value, digits, ' s');
}

/** `–` for what was not measured. */
export function figure(value: number, digits: number, unit = ''): string {
  return Number.isFinite(value) ? `${value.toFixed(digits)}${unit}` : '–';
}

/** For a table's last column: `at most 0.75: met`. */
export function goal(value: number, limit: number, unit = ''): string {
  const met = Number.isFinite(value) ? (value <= limit ? 'met' : '**missed**') : 'not measured';
  return `at most ${limit}${unit}: ${met}`;
}

/** A Markdown table; every row has as many cells as the head. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
