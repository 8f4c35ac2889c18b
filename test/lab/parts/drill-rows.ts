/** What `trivet drill run -o json` says, as far as the tests ask. */

import { z } from 'zod';

const rowSchema = z.object({
  drill: z.string(),
  victims: z.array(z.string()),
  result: z.enum(['pass', 'fail', 'inconclusive', 'refused', 'skipped']),
  newConnectionsGapMs: z.number().optional(),
  writesAcknowledged: z.number().optional(),
  writesLost: z.number().optional(),
  recoverMs: z.number().optional(),
  reasons: z.array(z.string()),
  recording: z.string().optional(),
});

export type DrillRow = z.infer<typeof rowSchema>;

/** None when nothing was said. */
export function drillRows(stdout: string): readonly DrillRow[] {
  return stdout.trim() === '' ? [] : z.object({ drills: z.array(rowSchema) }).parse(JSON.parse(stdout)).drills;
}

/** Throws unless it is of one drill. */
export function drillRow(stdout: string): DrillRow {
  const [row, ...others] = drillRows(stdout);
  if (row === undefined || others.length > 0) throw new Error(`not one drill: ${stdout}`);
  return row;
}
