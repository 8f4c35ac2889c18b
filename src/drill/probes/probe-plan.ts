/** What the probes' process is told on its standard input. */

import { z } from 'zod';

export const probePlanSchema = z.object({
  /** Where the clients stand, for people. */
  from: z.string(),
  api: z.object({
    address: z.string(),
    port: z.int(),
    ca: z.string(),
    cert: z.string(),
    key: z.string(),
  }),
  probes: z.array(z.enum(['new connections', 'reused connection', 'writes', 'application'])),
  everyMs: z.number().positive(),
  timeoutMs: z.number().positive(),
  /** The process ends by itself after so long, whatever its parent does. */
  maximumSeconds: z.number().positive().max(3600),
  /** For writes. */
  namespace: z.string(),
  run: z.string(),
  /** For application. */
  applicationUrl: z.url().optional(),
});

/** Holds the client's key: it travels by standard input only. */
export type ProbePlan = z.infer<typeof probePlanSchema>;
