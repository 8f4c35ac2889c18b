/** ClientsVerdict as it stands in a results file. */

import { z } from 'zod';

const gapSchema = z.object({
  gapMs: z.number(),
  beginAtMs: z.number().optional(),
  endAtMs: z.number().optional(),
  attempts: z.number(),
  failed: z.number(),
});

const watchSchema = z.object({
  clients: z.number(),
  onVictim: z.number(),
  cut: z.number(),
  cutOnVictim: z.number(),
  slowestCutMs: z.number().optional(),
  slowestCutOnVictimMs: z.number().optional(),
  gapMs: z.number(),
  allMoved: z.boolean(),
});

export const clientsSchema = z.object({
  from: z.string(),
  gaps: z.record(z.string(), gapSchema),
  watch: watchSchema.optional(),
  ownDelayMs: z.number(),
});

export type ClientsFigures = z.infer<typeof clientsSchema>;

/** Seconds; NaN for what was not measured. */
export function gapSeconds(clients: ClientsFigures | undefined, probe: string): number {
  const gapMs = clients?.gaps[probe]?.gapMs;
  return gapMs === undefined ? Number.NaN : gapMs / 1000;
}
