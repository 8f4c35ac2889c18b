/** Why a drill did not pass, or what else should be known about it. */

export interface Reason {
  readonly verdict: 'fail' | 'inconclusive' | 'note';
  /** Which rule: `lost-write`, `budget`, `never-ran`, … */
  readonly rule: string;
  readonly text: string;
  /** Lines of the recording that it rests on, a few of them. */
  readonly lines: readonly number[];
  /** When, in milliseconds since the recording's start. */
  readonly atMs?: number;
}

/** So many lines are named. */
const named = 10;

export function reason(
  verdict: Reason['verdict'],
  rule: string,
  text: string,
  { lines = [], atMs }: { readonly lines?: readonly number[]; readonly atMs?: number | undefined } = {},
): Reason {
  return { verdict, rule, text, lines: lines.slice(0, named), ...(atMs !== undefined && { atMs }) };
}

/** 0.61 s */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** `#3, #4, #9 and 12 more` */
export function numbers(values: readonly number[]): string {
  const shown = values.slice(0, named).map((value) => `#${value}`);
  return values.length <= named ? shown.join(', ') : `${shown.join(', ')} and ${values.length - named} more`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
