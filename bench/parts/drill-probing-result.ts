/** What drill-probing.ts records, and its table. */

import { z } from 'zod';
import { figure, goal, markdownTable, median } from './figures.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

const latencySchema = z.object({ readyz: z.number(), list: z.number() });

export const drillProbingSchema = z.object({
  on: surroundingsSchema,
  windowSeconds: z.number(),
  modes: z.array(
    z.object({
      name: z.string(),
      /** The goals are for probing at 20/s; a whole drill is more. */
      goals: z.boolean(),
      /** Of one core, in each window. */
      cpuPercent: z.array(z.record(z.string(), z.number())),
      /** Medians of the windows, in milliseconds, in pairs. */
      without: z.array(latencySchema),
      probing: z.array(latencySchema),
    }),
  ),
});

export type DrillProbing = z.infer<typeof drillProbingSchema>;
export type ProbingMode = DrillProbing['modes'][number];

export function drillProbingTable({ on, windowSeconds, modes }: DrillProbing): string {
  const rows = modes.map(({ name, goals, cpuPercent, without, probing }) => {
    const inAll = median(cpuPercent.map((places) => Object.values(places).reduce((sum, one) => sum + one, 0)));
    const change = (what: 'readyz' | 'list') =>
      (median(probing.map((one) => one[what])) / median(without.map((one) => one[what])) - 1) * 100;
    const [readyz, list] = [change('readyz'), change('list')];
    return [
      name,
      String(cpuPercent.length),
      figure(inAll, 1, ' %'),
      goals ? goal(inAll, 10, ' %') : '',
      `${figure(median(without.map((one) => one.readyz)), 2)} → ${figure(median(probing.map((one) => one.readyz)), 2, ' ms')} (${figure(readyz, 1, ' %')})`,
      `${figure(median(without.map((one) => one.list)), 2)} → ${figure(median(probing.map((one) => one.list)), 2, ' ms')} (${figure(list, 1, ' %')})`,
      goals ? goal(Math.max(readyz, list), 2, ' %') : '',
    ];
  });
  return [
    markdownTable(['probing from 4 places', 'windows', 'CPU in all, of one core', 'goal', '/readyz without → with', 'list', 'goal'], rows),
    '',
    `Windows of ${windowSeconds} s with and without probing in turn; latencies are medians of the windows' medians.`,
    '',
    describeSurroundings(on),
  ].join('\n');
}
