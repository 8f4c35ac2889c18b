/** The names that budgets of a drill may have, in the cluster file, in a recording and on the command line. */

/** Names of the probes as budgets have them: the longest time without a success, in milliseconds. */
const gapBudgets = [
  'new-connections',
  'linearizable-reads',
  'writes',
  'reused-connection',
  'watch',
  'counter',
  'kubelet',
  'application',
  'dns',
] as const;

/** Beside the probes' own, in milliseconds. */
export const specialBudgets = ['detect', 'fail-over', 'recover', 'watch-cut', 'own-delay'] as const;

/** Of a probe: how many attempts may fail while the fault is in; a number, not a time. */
export const failuresSuffix = '-failures';

/** All names, without those of one place only (`watch@w1`). */
export const budgetNames: readonly string[] = [
  ...gapBudgets,
  ...specialBudgets,
  ...gapBudgets.filter((name) => name !== 'watch').map((name) => `${name}${failuresSuffix}`),
];

/** Whether the budget is a number of failed attempts. The name may have a place behind it. */
export function countsFailures(name: string): boolean {
  return (name.split('@')[0] ?? '').endsWith(failuresSuffix);
}

/** `650`, `650ms` or `0.65s` → 650; of failures a whole number only. undefined: not understood. */
export function readBudgetValue(name: string, value: unknown): number | undefined {
  if (typeof value === 'number') return usable(name, value);
  if (typeof value !== 'string') return undefined;
  const [, digits = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s)?$/.exec(value) ?? [];
  if (digits === '' || (unit !== '' && countsFailures(name))) return undefined;
  return usable(name, unit === 's' ? Math.round(Number(digits) * 1e6) / 1e3 : Number(digits));
}

/** Eleven days: no drill lasts so long. */
const mostMs = 1e9;

function usable(name: string, value: number): number | undefined {
  if (!(value >= 0 && value <= mostMs) || (countsFailures(name) && !Number.isInteger(value))) return undefined;
  return value;
}
