/** What opening a report of ten minutes costs: bench/results/drill-report.json and its table. */

import { z } from 'zod';
import { goal, markdownTable, median, seconds, worst } from './figures.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

export const drillReportSchema = z.object({
  on: surroundingsSchema,
  results: z.array(
    z.object({
      recording: z.string(),
      minutes: z.number(),
      events: z.number(),
      recordingMegabytes: z.number(),
      packedMegabytes: z.number(),
      pageMegabytes: z.number(),
      judgingSeconds: z.array(z.number()),
      openingSeconds: z.array(z.number()),
      redrawSeconds: z.number(),
    }),
  ),
});

const most = { megabytes: 5, seconds: 1 };

export function drillReportTable({ on, results }: z.infer<typeof drillReportSchema>): string {
  const rows = results.map((one) => [
    `${one.recording}, ${one.minutes} min`,
    String(one.events),
    `${one.recordingMegabytes.toFixed(1)} MB`,
    `${one.packedMegabytes.toFixed(1)} MB`,
    goal(one.packedMegabytes, most.megabytes, ' MB'),
    `${one.pageMegabytes.toFixed(2)} MB`,
    goal(one.pageMegabytes, most.megabytes, ' MB'),
    seconds(median(one.judgingSeconds)),
    seconds(median(one.openingSeconds)),
    seconds(worst(one.openingSeconds)),
    goal(worst(one.openingSeconds), most.seconds, ' s'),
    seconds(one.redrawSeconds, 3),
  ]);
  const head = [
    'recording',
    'events',
    'size',
    'packed, as it is kept',
    'goal',
    'page',
    'goal',
    'judged in',
    'page drawn after',
    'worst',
    'goal',
    'one redraw',
  ];
  return `${markdownTable(head, rows)}\n\n${describeSurroundings(on)}`;
}
