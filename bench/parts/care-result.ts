/** What care.ts records. Times in milliseconds since the fault unless a name says otherwise. */

import { z } from 'zod';
import { careStartSchema } from './care-start-result.ts';
import { surroundingsSchema } from './surroundings.ts';

export const careFaults = ['black hole', 'killed', 'frozen'] as const;
export const careGuards = ['nft', 'proxy', 'lvscare'] as const;

export const careParts = ['starts', 'faults', 'idle', 'alarms', 'streams', 'latency', 'lvscare'] as const;

export const careTrialSchema = z.object({
  guard: z.enum(careGuards),
  fault: z.enum(careFaults),
  trial: z.number(),
  victim: z.string(),
  /** When the guard had taken it for dead, and when its table named it no more for new connections: by its own log. */
  downMs: z.number().optional(),
  outOfTableMs: z.number().optional(),
  /** The start of the last new request that failed or had to wait for longer than half a second; 0: none did. */
  lastTroubleMs: z.number(),
  /** The longest that any client waited that wanted something at or after the fault, and tried again at once when it was refused. */
  longestWaitMs: z.number(),
  /** Held connections to the victim, those of them that ended, and the slowest one's end. */
  held: z.number(),
  cut: z.number(),
  slowestCutMs: z.number().optional(),
  attempts: z.number(),
  failed: z.number(),
  /** Of the probes' own process. */
  ownDelayMs: z.number(),
});

export const falseAlarmsSchema = z.object({
  guard: z.enum(careGuards),
  minutes: z.number(),
  lossPercent: z.number(),
  stalls: z.number(),
  stallMs: z.number(),
  suspects: z.number(),
  downs: z.array(z.string()),
});

export const careIdleSchema = z.object({
  guard: z.enum(careGuards),
  seconds: z.number(),
  /** Percent of one core, co-processes included. */
  cpuPercent: z.number(),
  residentMb: z.number(),
  /** Of it what is no file's: the rest are pages of the executable, which the kernel maps as far as it has them, and takes back when it wants. */
  ownMb: z.number().optional(),
  peakMb: z.number(),
  /** Of its co-processes. */
  besideMb: z.number(),
});

export const careSchema = z.object({
  on: surroundingsSchema,
  trials: z.array(careTrialSchema),
  failures: z.array(z.string()),
  falseAlarms: z.array(falseAlarmsSchema),
  idle: z.array(careIdleSchema),
  starts: careStartSchema.shape.starts.optional(),
  /** Bytes per second, by the number of connections. */
  throughput: z.array(z.object({ through: z.enum(['direct', 'care', 'haproxy']), connections: z.number(), bytesPerSecond: z.number() })),
  haproxy: z.string().optional(),
  /** Medians in microseconds, one pair for each round. */
  latency: z.array(z.object({ requests: z.number(), directUs: z.number(), nftUs: z.number() })),
  /** Why it was not measured. */
  lvscare: z.string().optional(),
  /** Parts that were measured again later, and where. */
  again: z.partialRecord(z.enum(careParts), surroundingsSchema).optional(),
});

export type CareResult = z.infer<typeof careSchema>;
export type CarePart = (typeof careParts)[number];

/** The earlier result with these parts of the later one. */
export function withParts(earlier: CareResult, later: CareResult, parts: readonly CarePart[]): CareResult {
  const taken = Object.assign({}, ...parts.map((part) => figuresOf[part](later)));
  const again = Object.fromEntries(parts.map((part) => [part, later.on]));
  return { ...earlier, ...taken, again: { ...earlier.again, ...again } };
}

const figuresOf: Readonly<Record<CarePart, (result: CareResult) => Partial<CareResult>>> = {
  starts: ({ starts }) => ({ starts }),
  faults: ({ trials, failures }) => ({ trials, failures }),
  idle: ({ idle }) => ({ idle }),
  alarms: ({ falseAlarms }) => ({ falseAlarms }),
  streams: ({ throughput, haproxy }) => ({ throughput, haproxy }),
  latency: ({ latency }) => ({ latency }),
  lvscare: ({ lvscare }) => ({ lvscare }),
};

export type CareTrial = z.infer<typeof careTrialSchema>;
export type CareFault = CareTrial['fault'];
export type CareGuardKind = CareTrial['guard'];
export type FalseAlarms = z.infer<typeof falseAlarmsSchema>;
export type CareIdle = z.infer<typeof careIdleSchema>;
