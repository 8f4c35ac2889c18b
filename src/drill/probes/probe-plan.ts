/** What the probes' process is told on its standard input. */

import { z } from 'zod';

const endpointSchema = z.object({ address: z.string(), port: z.int() });

export const probePlanSchema = z.object({
  /** Where the clients stand, for people. */
  from: z.string(),
  api: z.object({
    /** What the clients use: the cluster's endpoint, or where there is none for them, each master's own address. */
    endpoints: z.array(endpointSchema).min(1).readonly(),
    serverName: z.string().exactOptional(),
    ca: z.string(),
    cert: z.string(),
    key: z.string(),
    /** New connections by the ticket of an earlier one (api-dialer.ts). */
    resume: z.boolean().exactOptional(),
  }),
  probes: z
    .array(
      z.enum(['new connections', 'linearizable reads', 'reused connection', 'writes', 'watch', 'counter', 'kubelet', 'application', 'dns']),
    )
    .readonly(),
  everyMs: z.number().positive(),
  /** For linearizable reads, writes and the reused connection; everyMs unless told. */
  othersEveryMs: z.number().positive().exactOptional(),
  timeoutMs: z.number().positive(),
  /** The process ends by itself after so long, whatever its parent does. */
  maximumSeconds: z.number().positive().max(3600),
  /** For writes, watch, counter and kubelet. */
  namespace: z.string(),
  run: z.string(),
  /** For application. */
  applicationUrl: z.url().exactOptional(),
  /** For dns: an address, or address:port, and a name with its domain. */
  dns: z.object({ server: z.string(), name: z.string() }).exactOptional(),
  /** For counter and kubelet, which go past the endpoint: the masters' own addresses. */
  direct: z.array(endpointSchema).min(1).readonly().exactOptional(),
  /** For kubelet: the node. */
  node: z.string().exactOptional(),
  /** For watch: so many clients; 8 unless told. */
  watches: z.int().positive().exactOptional(),
  /** For watch and reused connection: when a silent connection is given up; client-go's own default unless told. */
  patience: z.object({ idleMs: z.number().positive(), pingMs: z.number().positive() }).exactOptional(),
});

/** Holds the client's key: it travels by standard input only. */
export type ProbePlan = z.infer<typeof probePlanSchema>;
export type ProbeKind = ProbePlan['probes'][number];
