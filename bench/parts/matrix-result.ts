/** What a case of the matrix records: bench/results/matrix/CASE.json, from which docs/matrix.md is made. */

import { z } from 'zod';
import { clientsSchema } from './clients-schema.ts';
import { surroundingsSchema } from './surroundings.ts';

export const lossSchema = z.object({
  /** holder: the machine with the endpoint's address; master: one behind balancers that live on. */
  loss: z.enum(['holder', 'master']),
  victim: z.string(),
  outside: clientsSchema,
  worker: clientsSchema,
  acknowledged: z.number(),
  /** Acknowledged writes that were not there afterwards. */
  lost: z.array(z.number()),
  /** From power-on to a healthy `trivet status`. */
  healedSeconds: z.number(),
});

export const matrixResultSchema = z.object({
  case: z.string(),
  scheme: z.string(),
  proxy: z.string().optional(),
  etcd: z.string(),
  certificates: z.string(),
  release: z.string(),
  kubernetes: z.string(),
  /** The versions of what runs on the machines, by package. */
  packages: z.record(z.string(), z.string()),
  on: surroundingsSchema,
  /** Seconds of each step. */
  seconds: z.record(z.string(), z.number()),
  /** What `trivet up` changed when it was run again. */
  changedAgain: z.number().optional(),
  losses: z.array(lossSchema),
  /** The step that failed, and why; the steps after it were not done. */
  failed: z.object({ step: z.string(), why: z.string() }).optional(),
});

export type MatrixResult = z.infer<typeof matrixResultSchema>;
export type LossResult = z.infer<typeof lossSchema>;
