/** What failover.ts records, set by set. Times in milliseconds unless a name says otherwise. */

import { z } from 'zod';
import { clientsSchema } from './clients-schema.ts';
import { surroundingsSchema } from './surroundings.ts';

export const trialSchema = z.object({
  trial: z.number(),
  /** The machine that was powered off. */
  victim: z.string(),
  newHolder: z.string().optional(),
  /** Whether etcd's leader really was on that machine right before. */
  leaderThere: z.boolean(),
  /** etcd's term before and after: it grew if etcd had to elect. */
  termBefore: z.number().optional(),
  termAfter: z.number().optional(),
  /** Those whose gaps count: outside the cluster, or on the worker where the endpoint is the machine's own. */
  clients: clientsSchema,
  /** How long the worker's kubelet answered nothing. */
  kubeletMs: z.number().optional(),
  acknowledged: z.number(),
  /** Of these, not there afterwards; undefined: they could not be read back. */
  lost: z.number().optional(),
  /** From power-on to a whole cluster, and the longest gap of /livez in that time. */
  healedSeconds: z.number().optional(),
  returnGapMs: z.number().optional(),
  /** What went wrong with the trial itself. */
  error: z.string().optional(),
});

/** The holder's apiserver is killed and stays dead, its machine lives: does the address move? */
export const trapSchema = z.object({
  holder: z.string(),
  holdersAfter: z.array(z.string()),
  seconds: z.number(),
  livezGapMs: z.number(),
  recovered: z.boolean(),
});

export const setSchema = z.object({
  name: z.string(),
  on: surroundingsSchema,
  trials: z.array(trialSchema),
  /** Trials that gave no figures, and why: they count as failed. */
  failures: z.array(z.object({ trial: z.number(), error: z.string() })),
  mends: z.array(z.string()),
  trap: trapSchema.optional(),
  /** Why it was not run. */
  skipped: z.string().optional(),
  /** After a seed: what `trivet up` changed and what was wrong then. */
  afterwards: z.object({ changed: z.number(), problems: z.array(z.string()) }).optional(),
});

export const failoverSchema = z.object({ sets: z.array(setSchema) });

export type Trial = z.infer<typeof trialSchema>;
export type SetResult = z.infer<typeof setSchema>;
export type Failover = z.infer<typeof failoverSchema>;
