/** What idle.ts records, and its table. */

import { z } from 'zod';
import { figure, goal, markdownTable, median, seconds, worst } from './figures.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

export const idleSchema = z.object({
  on: surroundingsSchema,
  up: z.array(z.object({ seconds: z.number(), changed: z.number(), memoryMb: z.number() })),
  /** Seconds, interleaved. */
  version: z.object({ trivet: z.array(z.number()), node: z.array(z.number()) }),
});

export type Idle = z.infer<typeof idleSchema>;

export function idleTable({ on, up, version }: Idle): string {
  const times = up.map((run) => run.seconds);
  const changed = worst(up.map((run) => run.changed));
  const ratio = median(version.trivet) / median(version.node);
  return [
    markdownTable(
      ['nothing to do', 'runs', 'median', 'worst', 'goal'],
      [
        ['`trivet up` again, 4 machines', String(up.length), seconds(median(times)), seconds(worst(times)), goal(worst(times), 5, ' s')],
        ['changes made by it', String(up.length), '', String(changed), goal(changed, 0)],
        ['`./trivet --version`', String(version.trivet.length), seconds(median(version.trivet), 3), seconds(worst(version.trivet), 3), ''],
        ['`node -e 0`', String(version.node.length), seconds(median(version.node), 3), seconds(worst(version.node), 3), ''],
        ['ratio of the two', '', figure(ratio, 2), '', goal(ratio, 4)],
      ],
    ),
    '',
    describeSurroundings(on),
  ].join('\n');
}
