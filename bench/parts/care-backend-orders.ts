/** What the stand-in for an apiserver is told. */

import { z } from 'zod';

export const backendPlanSchema = z.object({
  /** What it answers. */
  name: z.string(),
  ip: z.string(),
  /** HTTPS. */
  ports: z.array(z.int()).readonly(),
  /** Plain HTTP. */
  plainPorts: z.array(z.int()).readonly(),
  key: z.string(),
  cert: z.string(),
  /** Leave the process's priority alone. */
  idle: z.boolean(),
});

export const backendOrderSchema = z.discriminatedUnion('do', [
  /** What /readyz answers from now on, and after how long. */
  z.object({ do: z.literal('behave'), readyz: z.int(), delayMs: z.number() }),
  /** Ends as an apiserver that is told to: not ready at once, closed after so long. */
  z.object({ do: z.literal('shutdown'), afterMs: z.number() }),
  /** How many requests there have been. */
  z.object({ do: z.literal('counts') }),
]);

export type BackendPlan = z.infer<typeof backendPlanSchema>;
export type BackendOrder = z.infer<typeof backendOrderSchema>;
