/** The shape of spec.drill: what drills of this cluster are judged by. */

import { z } from 'zod';
import { budgetNames, countsFailures, failuresSuffix, readBudgetValue } from '../model/drill-budgets.ts';
import { map, says } from './schema-values.ts';

const timeText = 'a time such as 650ms or 0.65s, or a number of milliseconds';
const countText = 'a number of failed requests, such as 0';

const special: Readonly<Record<string, string>> = {
  detect: 'From the fault until the cluster says something about it.',
  'fail-over': 'From the fault until new connections are served again everywhere.',
  recover: 'From the healing until the cluster is whole.',
  'watch-cut': 'Until a watch on a lost apiserver is cut.',
  'own-delay': "How late the probes' own process may be before a pass proves nothing.",
};

function describe(name: string): string {
  const known = special[name];
  if (known !== undefined) return known;
  if (countsFailures(name)) return `Failed attempts of the probe ${words(name.slice(0, -failuresSuffix.length))} while the fault is in.`;
  return `Longest time without a success of the probe ${words(name)}.`;
}

function words(name: string): string {
  return name.replaceAll('-', ' ');
}

function budget(name: string) {
  const readable = (value: unknown) => readBudgetValue(name, value) !== undefined;
  if (countsFailures(name)) return z.number(says(countText)).int(says(countText)).refine(readable, says(countText)).optional();
  return z
    .union([z.number(), z.string().regex(/^\d+(\.\d+)? ?(ms|s)$/, says(timeText))], says(timeText))
    .refine(readable, says(timeText))
    .optional();
}

/** By name, so that a misspelt one is found where it stands. */
const budgets: Readonly<Record<string, ReturnType<typeof budget>>> = Object.fromEntries(
  budgetNames.map((name) => [name, budget(name).describe(describe(name))]),
);

export const drill = z.strictObject(
  {
    budgets: z
      .strictObject(budgets, map('a map of budgets, such as {new-connections: 650ms}'))
      .prefault({})
      .describe("Budgets of your own, in place of the scheme's: times (650ms, 0.65s, or milliseconds), or numbers of failed requests."),
  },
  map(),
);
