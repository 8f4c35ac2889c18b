/** What is kept of a recorded drill: bench/results/drills/SCHEME--DRILL.json, the JSON report and what it was measured on. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { resultsDirectory } from './results.ts';
import { surroundingsSchema } from './surroundings.ts';

const verdictSchema = z.object({
  result: z.enum(['pass', 'fail', 'inconclusive']),
  reasons: z.array(z.object({ verdict: z.enum(['fail', 'inconclusive', 'note']), rule: z.string(), text: z.string() })),
  fault: z.object({ injectedMs: z.number().optional(), healedMs: z.number().optional(), firstHealedMs: z.number().optional() }),
  recover: z.object({ ms: z.number() }).optional(),
  gaps: z.array(z.object({ probe: z.string(), from: z.string(), gapMs: z.number(), endMs: z.number().optional() })),
  writes: z.array(z.object({ acknowledged: z.number(), lost: z.array(z.unknown()) })),
});

export const drillResultSchema = z.object({
  /** The load is not kept: a recording is taken up later than it was made. */
  on: surroundingsSchema.omit({ load: true }),
  recordings: z
    .array(
      z.object({
        name: z.string(),
        header: z.object({
          trivet: z.string(),
          scheme: z.string(),
          drill: z.string(),
          fault: z.string(),
          startedAt: z.string(),
          expects: z.enum(['service', 'no-writes']).optional(),
        }),
        seconds: z.number(),
        verdict: verdictSchema,
      }),
    )
    .length(1),
});

export interface DrillResult {
  readonly on: z.infer<typeof drillResultSchema>['on'];
  readonly recording: z.infer<typeof drillResultSchema>['recordings'][number];
}

export const drillResultsDirectory = join(resultsDirectory, 'drills');

/** vip-on-masters-none--machine-power-off */
export function drillResultName({ scheme, drill }: { readonly scheme: string; readonly drill: string }): string {
  return [scheme, drill].map((text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')).join('--');
}

/** All that were taken up, by name. */
export async function loadDrillResults(directory: string = drillResultsDirectory): Promise<readonly DrillResult[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.map((text) => {
    const { on, recordings } = drillResultSchema.parse(JSON.parse(text));
    const [recording] = recordings;
    if (recording === undefined) throw new Error('no recording');
    return { on, recording };
  });
}

export type Outcome = 'survived' | 'over budget' | 'refuted' | 'inconclusive';

/** So long nobody waits under any scheme: a cluster that makes clients wait longer did not survive. */
const longestMs = 10_000;

/** Over budget: all was well but slower than promised. A probe that did not run proves nothing. */
export function outcomeOf({ recording: { verdict } }: DrillResult): Outcome {
  if (verdict.result !== 'fail') return verdict.result === 'pass' ? 'survived' : 'inconclusive';
  const rules = verdict.reasons.filter(({ verdict: kind }) => kind === 'fail').map(({ rule }) => rule);
  if (rules.some((rule) => rule !== 'budget' && rule !== 'never-ran')) return 'refuted';
  const endless = verdict.gaps.some(
    ({ probe, gapMs, endMs }) => probe !== 'watch' && probe !== 'kubelet' && (endMs === undefined ? gapMs > 2000 : gapMs > longestMs),
  );
  if (endless) return 'refuted';
  return rules.includes('budget') ? 'over budget' : 'inconclusive';
}

/** The longest gap of new connections, of all places; undefined: not probed. */
export function longestNewConnectionsMs({ recording: { verdict } }: DrillResult): number | undefined {
  const gaps = verdict.gaps.filter(({ probe }) => probe === 'new connections').map(({ gapMs }) => gapMs);
  return gaps.length === 0 ? undefined : Math.max(...gaps);
}
