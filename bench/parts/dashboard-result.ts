/** What dashboard.ts records, and its table. */

import { z } from 'zod';
import { goal, markdownTable, median, worst } from './figures.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

export const dashboardSchema = z.object({
  on: surroundingsSchema,
  machines: z.number(),
  /** Of the page, packed by gzip as it is sent: bare, and with the status of all those machines in it. */
  kilobytes: z.object({ bare: z.number(), full: z.number() }),
  /** Milliseconds from the beginning of the navigation. */
  firstPaint: z.array(z.number()),
  /** The same of a page of one word, in a Chromium of its own: the first of each is the browser's first at all. */
  firstPaintOfOneWord: z.array(z.number()).optional(),
  /** Each: so many updates a second for so many seconds, every machine different in each. */
  updates: z.array(
    z.object({
      perSecond: z.number(),
      seconds: z.number(),
      /** Status changes that reached the page. */
      arrived: z.number(),
      frames: z.number(),
      /** Milliseconds between two frames. */
      medianFrame: z.number(),
      longestFrame: z.number(),
      /** Frames that came more than 50 ms after the one before. */
      late: z.number(),
      /** The browser's own long tasks: main thread held for more than 50 ms. */
      longTasks: z.number(),
      longestTask: z.number(),
    }),
  ),
});

export type DashboardResult = z.infer<typeof dashboardSchema>;

export function dashboardTable({ on, machines, kilobytes, firstPaint, firstPaintOfOneWord, updates }: DashboardResult): string {
  const oneWord = firstPaintOfOneWord ?? [];
  const ms = (value: number) => `${Math.round(value)} ms`;
  const frames = updates.map(({ longestFrame }) => longestFrame);
  const tasks = updates.map(({ longestTask }) => longestTask);
  const late = updates.reduce((sum, run) => sum + run.late, 0);
  const drawn = updates.reduce((sum, run) => sum + run.frames, 0);
  const [{ perSecond, seconds } = { perSecond: 0, seconds: 0 }] = updates;
  return [
    markdownTable(
      ['dashboard', 'runs', 'median', 'worst', 'goal'],
      [
        [
          `first paint, ${machines} machines`,
          String(firstPaint.length),
          ms(median(firstPaint)),
          ms(worst(firstPaint)),
          goal(worst(firstPaint), 300, ' ms'),
        ],
        ...(oneWord.length === 0
          ? []
          : [['first paint of a page of one word', String(oneWord.length), ms(median(oneWord)), ms(worst(oneWord)), '']]),
        ['all that is loaded, packed: no machine yet', '', '', `${kilobytes.bare.toFixed(1)} kB`, goal(kilobytes.bare, 60, ' kB')],
        [`the same with ${machines} machines`, '', '', `${kilobytes.full.toFixed(1)} kB`, goal(kilobytes.full, 60, ' kB')],
        [
          `longest frame, ${machines} machines, ${perSecond} updates a second for ${seconds} s`,
          String(updates.length),
          ms(median(frames)),
          ms(worst(frames)),
          goal(worst(frames), 50, ' ms'),
        ],
        [`frames more than 50 ms after the one before`, '', '', `${late} of ${drawn}`, goal(late, 0)],
        [
          `longest task of the page`,
          '',
          worst(tasks) === 0 ? 'none above 50 ms' : ms(median(tasks)),
          ms(worst(tasks)),
          goal(worst(tasks), 50, ' ms'),
        ],
      ],
    ),
    '',
    describeSurroundings(on),
  ].join('\n');
}
