/** What the clients with held connections are told, and what they tell. */

import { z } from 'zod';

export const heldPlanSchema = z.object({
  host: z.string(),
  port: z.int(),
  count: z.int(),
  ca: z.string(),
  /** Leave the process's priority alone. */
  idle: z.boolean(),
});

export const heldEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('held'), client: z.int(), backend: z.string(), atMs: z.number() }),
  z.object({ kind: z.literal('ended'), client: z.int(), backend: z.string(), atMs: z.number(), reason: z.string() }),
]);

export type HeldPlan = z.infer<typeof heldPlanSchema>;
/** Times are monotonic milliseconds. */
export type HeldEvent = z.infer<typeof heldEventSchema>;
