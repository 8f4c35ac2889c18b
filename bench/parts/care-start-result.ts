/** What care-start.ts records, and its table. */

import { z } from 'zod';
import { figure, goal, markdownTable, median, seconds, worst } from './figures.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

export const careStartSchema = z.object({
  on: surroundingsSchema,
  executable: z.object({ bytes: z.number(), sha256: z.string() }),
  /** Seconds, one of each in turn. daemon: until its first line of log, three small programs later (what is there of other data planes?). */
  starts: z.object({
    node: z.array(z.number()),
    careVersion: z.array(z.number()),
    daemon: z.array(z.number()),
    version: z.array(z.number()),
  }),
});

export type CareStart = z.infer<typeof careStartSchema>;

const limit = 2.2;

export function careStartTable({ on, executable, starts }: CareStart): string {
  const row = (name: string, times: readonly number[], limited: boolean): readonly string[] => {
    const ratio = median(times) / median(starts.node);
    return [
      name,
      String(times.length),
      seconds(median(times), 3),
      seconds(worst(times), 3),
      figure(ratio, 2),
      limited ? goal(ratio, limit) : '',
    ];
  };
  return [
    markdownTable(
      ['start of the one executable', 'runs', 'median', 'worst', 'of bare node', 'goal'],
      [
        row('`node -e 0`', starts.node, false),
        row('`trivet care --version`', starts.careVersion, true),
        row('`trivet care …` until it begins to look', starts.daemon, false),
        row('`trivet --version`', starts.version, false),
      ],
    ),
    '',
    `The executable has ${Math.round(executable.bytes / 1e6)} MB. ${describeSurroundings(on)}`,
  ].join('\n');
}
