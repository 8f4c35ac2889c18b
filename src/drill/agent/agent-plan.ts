/** What the process on a machine is told, in a file that only root may read and that is gone once it is read. */

import { z } from 'zod';
import { probePlanSchema } from '../probes/probe-plan.ts';

export const agentSamplesSchema = z.object({
  /** Whether the machine has this address now; an event `vip` by the operator, from the answers of all. */
  vip: z.string().exactOptional(),
  /** The member on this machine, asked over its gRPC gateway: paths there. Events `member` and `leader` of etcd. */
  etcd: z.object({ url: z.url(), caFile: z.string(), certFile: z.string(), keyFile: z.string() }).exactOptional(),
  /** haproxy's runtime socket here: events `backend`. */
  haproxySocket: z.string().exactOptional(),
  /** trivet care's status socket here: events `backend`. */
  careSocket: z.string().exactOptional(),
});

export type AgentSamples = z.infer<typeof agentSamplesSchema>;

export const agentPlanSchema = z.object({
  from: z.string(),
  /** Whoever connects must say it first: other users of the machine cannot. */
  token: z.string(),
  probes: probePlanSchema.exactOptional(),
  samples: agentSamplesSchema,
  maximumSeconds: z.number().positive().max(3600),
  /** So long it goes on without its operator; as long as it may at all where this is left out. */
  aloneSeconds: z.number().positive().max(3600).exactOptional(),
  /** Only tests: the clock that it shows is ahead by so much. */
  skewMs: z.number().exactOptional(),
});

export type AgentPlan = z.infer<typeof agentPlanSchema>;
