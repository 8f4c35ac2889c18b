/** What bring-up.ts records, and its table. */

import { z } from 'zod';
import { figure, goal, markdownTable, median, seconds, worst } from './figures.ts';
import { peakMemorySchema } from './peak-memory.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

export const bringUpSchema = z.object({
  on: surroundingsSchema,
  runs: z.array(
    z.object({
      peer: z.enum(['trivet', 'by hand']),
      /** In the order in which they were made, from 1. */
      run: z.number(),
      seconds: z.number(),
      /** After its end: Ready nodes, and the HTTP status of /readyz at the VIP. */
      readyNodes: z.number(),
      endpoint: z.number(),
      memory: peakMemorySchema,
    }),
  ),
});

export type BringUp = z.infer<typeof bringUpSchema>;
export type BringUpRun = BringUp['runs'][number];

export function bringUpTable({ on, runs }: BringUp): string {
  const of = (peer: BringUpRun['peer']) => runs.filter((run) => run.peer === peer);
  const times = (peer: BringUpRun['peer']) => of(peer).map((run) => run.seconds);
  const ratio = median(times('trivet')) / median(times('by hand'));
  const whole = runs.every((run) => run.readyNodes === 4 && run.endpoint === 200);
  const own = worst(of('trivet').map((run) => run.memory.own));
  const withSsh = worst(of('trivet').map((run) => run.memory.withSsh));
  const row = (peer: BringUpRun['peer'], name: string) => [
    name,
    times(peer)
      .map((time) => seconds(time, 1))
      .join(', '),
    seconds(median(times(peer)), 1),
    '',
  ];
  return [
    markdownTable(
      ['bring-up of 3 masters and 1 worker', 'runs', 'median', 'goal'],
      [
        row('by hand', 'by-hand.sh'),
        row('trivet', '`trivet up`'),
        ['ratio', '', figure(ratio, 2), goal(ratio, 0.75)],
        ['peak memory of `trivet up`', '', figure(own, 0, ' MB'), goal(own, 200, ' MB')],
        ['the same with its ssh processes', '', figure(withSsh, 0, ' MB'), ''],
      ],
    ),
    '',
    `Order: ${runs.map((run) => run.peer).join(', ')}. ${whole ? 'Each ended with four Ready nodes and a VIP that answers.' : '**Not every run ended with four Ready nodes and a VIP that answers.**'}`,
    describeSurroundings(on),
  ].join('\n');
}
