/** What failover.ts records, and its tables. */

import { z } from 'zod';
import { goal, markdownTable, median, seconds, worst } from './figures.ts';
import { describeSurroundings, surroundingsSchema } from './surroundings.ts';

/** All times in milliseconds; those called `at…` count from the moment when the machine was cut off. */
const gapSchema = z.object({
  gapMs: z.number(),
  atMs: z.number().optional(),
  endAtMs: z.number().optional(),
  attempts: z.number(),
  failed: z.number(),
});

export const trialSchema = z.object({
  variant: z.string(),
  trial: z.number(),
  /** The machine that was powered off, having held the VIP right before. */
  holder: z.string(),
  newHolder: z.string().optional(),
  /** What was wanted, and whether etcd's leader really was on that machine right before. */
  leaderWanted: z.boolean(),
  leaderThere: z.boolean(),
  /** etcd's term before and after: it grew if etcd had to elect. */
  termBefore: z.number(),
  termAfter: z.number().optional(),
  livez: gapSchema,
  writes: gapSchema,
  acknowledged: z.number(),
  /** Of these, not there afterwards; undefined: they could not be read back. */
  lost: z.number().optional(),
  /** How late the probes' own process was at worst, in the window. */
  ownDelayMs: z.number(),
  /** From power-on to a whole cluster, and the longest gap of /livez in that time. */
  healedSeconds: z.number().optional(),
  returnGapMs: z.number().optional(),
  /** What went wrong with the trial itself. */
  error: z.string().optional(),
});

export const failoverSchema = z.object({
  on: surroundingsSchema,
  trials: z.array(trialSchema),
  mends: z.record(z.string(), z.array(z.string())),
  /** Trials that gave no figures, and why: they count as failed. */
  failures: z.array(z.object({ variant: z.string(), trial: z.number(), error: z.string() })),
  /** After the seeds: what `trivet up` changed and what was wrong then. */
  afterSeeds: z.object({ changed: z.number(), problems: z.array(z.string()) }).optional(),
});

export type Trial = z.infer<typeof trialSchema>;
export type Failover = z.infer<typeof failoverSchema>;

export function failoverTable(result: Failover): string {
  const own = result.trials.filter((trial) => trial.variant === 'trivet');
  const variants = [...new Set(result.trials.map((trial) => trial.variant))];
  const lost = result.trials.reduce((sum, trial) => sum + (trial.lost ?? 0), 0);
  const unread = result.trials.filter((trial) => trial.lost === undefined).length;
  const acknowledged = result.trials.reduce((sum, trial) => sum + trial.acknowledged, 0);
  return [
    markdownTable(
      ['holder powered off, longest gap', 'trials', '/livez median', 'worst', 'writes median', 'worst', 'after power-on: /livez worst'],
      variants.map((variant) => summaryRow(variant, result)),
    ),
    '',
    own.length === 0 ? '' : goals(own),
    `${acknowledged} acknowledged writes, ${lost} lost${unread === 0 ? '' : ` (not read back in ${unread} trials)`}. Trials without figures: ${result.failures.length}${result.failures.map(({ variant, trial, error }) => ` (${variant} ${trial}: ${error})`).join('')}.`,
    result.afterSeeds === undefined
      ? ''
      : `After the seeds' files trivet's own were put back; \`trivet up\` then changed ${result.afterSeeds.changed} things, and ${result.afterSeeds.problems.length} problems were left.`,
    '',
    markdownTable(
      [
        'trial',
        'holder → new',
        'led etcd too',
        'etcd elected',
        '/livez',
        'writes',
        'failed of probes',
        'own delay',
        'healed in',
        'gap on return',
      ],
      result.trials.map(trialRow),
    ),
    '',
    ...Object.entries(result.mends).map(([variant, list]) => `Mends of seed ${variant}: ${list.join('; ')}.`),
    '',
    describeSurroundings(result.on),
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

function summaryRow(variant: string, { trials, failures }: Failover): readonly string[] {
  const of = trials.filter((trial) => trial.variant === variant);
  const failed = failures.filter((failure) => failure.variant === variant).length;
  const livez = of.map((trial) => trial.livez.gapMs / 1000);
  const writes = of.map((trial) => trial.writes.gapMs / 1000);
  const returns = of.flatMap((trial) => (trial.returnGapMs === undefined ? [] : [trial.returnGapMs / 1000]));
  return [
    variant === 'trivet' ? '**trivet**' : `seed ${variant}`,
    failed === 0 ? String(of.length) : `${of.length} (+ ${failed} without figures)`,
    ...[median(livez), worst(livez), median(writes), worst(writes), worst(returns)].map((value) => seconds(value)),
  ];
}

function goals(own: readonly Trial[]): string {
  const livez = own.map((trial) => trial.livez.gapMs / 1000);
  const writes = own.map((trial) => trial.writes.gapMs / 1000);
  const led = own.filter((trial) => trial.leaderThere).length;
  return `Goals of trivet: /livez median ${goal(median(livez), 0.65, ' s')}, worst ${goal(worst(livez), 1, ' s')}; writes median ${goal(median(writes), 1.2, ' s')}, worst ${goal(worst(writes), 2, ' s')}. The holder led etcd too in ${led} of ${own.length}.`;
}

function trialRow(trial: Trial): readonly string[] {
  return [
    `${trial.variant} ${trial.trial}`,
    `${trial.holder} → ${trial.newHolder ?? '?'}`,
    trial.leaderThere ? 'yes' : 'no',
    trial.termAfter === undefined ? '?' : trial.termAfter > trial.termBefore ? 'yes' : 'no',
    seconds(trial.livez.gapMs / 1000),
    seconds(trial.writes.gapMs / 1000),
    `${trial.livez.failed + trial.writes.failed} of ${trial.livez.attempts + trial.writes.attempts}`,
    `${trial.ownDelayMs.toFixed(0)} ms`,
    trial.healedSeconds === undefined ? '–' : seconds(trial.healedSeconds, 0),
    trial.returnGapMs === undefined ? '–' : seconds(trial.returnGapMs / 1000),
  ];
}
