/** What one attempt of a probe says, as it stands in a recording. */

import { z } from 'zod';
import type { EventBody } from '../../model/event.ts';

export type ProbeEvent = Extract<EventBody, { readonly kind: 'probe' }>;

const probeEventSchema = z.object({
  kind: z.literal('probe'),
  probe: z.string(),
  from: z.string(),
  startedMs: z.number(),
  endedMs: z.number(),
  ok: z.boolean(),
  detail: z.string().exactOptional(),
  outcome: z.enum(['refused', 'unknown']).exactOptional(),
  revision: z.int().nonnegative().exactOptional(),
});

/** Reads one line of a recording. */
export function readProbeEvent(line: string): ProbeEvent {
  return probeEventSchema.parse(JSON.parse(line));
}
