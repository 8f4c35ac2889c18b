/** Compares what was measured with each budget. Over it is a fail, unless the probing machine's own delay may be the cause. */

import { countsFailures, failuresSuffix } from '../../model/drill-budgets.ts';
import { type Budget, budgetName } from './budgets.ts';
import { failuresOf, type failuresWindow } from './judge-failures.ts';
import { type GapFigures, lateWithin } from './judge-gaps.ts';
import type { WatchFigures } from './judge-watches.ts';
import { type FaultTimes, type Lane, ownDelay } from './lanes.ts';
import type { OwnDelay } from './own-delays.ts';
import { plural, type Reason, reason, seconds } from './reason.ts';

export interface BudgetFigures extends Budget {
  /** Of the place and client where it was worst; of `…-failures` a number of attempts; undefined: not measured. */
  readonly measuredMs: number | undefined;
  readonly from: string | undefined;
  readonly kept: 'kept' | 'missed' | 'unsure' | 'not measured';
  readonly reason: Reason | undefined;
}

export interface BudgetInput {
  readonly budgets: readonly Budget[];
  readonly gaps: readonly GapFigures[];
  readonly watches: readonly WatchFigures[];
  readonly lanes: readonly Lane[];
  readonly ownDelays: readonly OwnDelay[];
  readonly fault: FaultTimes;
  readonly times: { readonly detect: number | undefined; readonly 'fail-over': number | undefined; readonly recover: number | undefined };
  readonly window: { readonly faultMs: number | undefined; readonly untilMs: number };
  readonly failures: ReturnType<typeof failuresWindow>;
  /** Places whose clients go past the scheme: nobody there can cut their connections. */
  readonly past: readonly string[];
  /** Times from one place's event to another's are known no better. */
  readonly clockErrorMs: number;
}

export function judgeBudgets(input: BudgetInput): readonly BudgetFigures[] {
  return input.budgets.map((budget) => judgeOne(budget, input));
}

function judgeOne(budget: Budget, input: BudgetInput): BudgetFigures {
  const [name = '', place] = budget.name.split('@');
  if (countsFailures(name)) return judgeFailures(budget, { name: name.slice(0, -failuresSuffix.length), place }, input);
  switch (name) {
    case 'own-delay':
      return judgeOwnDelay(budget, input);
    case 'detect':
    case 'fail-over':
    case 'recover':
      return judgeTime(budget, input.times[name], { name, input });
    case 'watch-cut':
      return judgeCut(budget, input, place);
    default:
      return judgeGaps(budget, name, place, input);
  }
}

function judgeGaps(budget: Budget, name: string, place: string | undefined, input: BudgetInput): BudgetFigures {
  // A budget for one place stands instead of the one for all.
  const elsewhere = input.budgets.filter((other) => other.name.startsWith(`${name}@`)).map((other) => other.name.slice(name.length + 1));
  const own = input.gaps.filter(
    ({ probe, from }) => budgetName(probe) === name && (place === undefined ? !elsewhere.includes(from) : from === place),
  );
  const worst = own.reduce<GapFigures | undefined>((a, b) => (a === undefined || b.gapMs > a.gapMs ? b : a), undefined);
  if (worst === undefined) return notMeasured(budget, place === undefined && elsewhere.length > 0);
  const figures = { ...budget, measuredMs: worst.gapMs, from: worst.from };
  if (worst.gapMs <= budget.limitMs) return { ...figures, kept: 'kept', reason: undefined };
  const fromMs = worst.beginMs ?? 0;
  const toMs = worst.endMs ?? input.window.untilMs;
  const delays = input.lanes.filter(({ probe, from }) => probe === ownDelay && from === worst.from).flatMap(({ attempts }) => attempts);
  const lateMs = lateWithin(delays, fromMs, toMs);
  const client = worst.client === undefined ? '' : ` (client ${worst.client})`;
  const text = `${worst.probe} from ${worst.from}${client}: ${seconds(worst.gapMs)} without success, the budget is ${seconds(budget.limitMs)}${worst.endMs === undefined ? '; not served again' : ''}`;
  const where = { lines: worst.lines, atMs: fromMs };
  if (worst.gapMs - lateMs <= budget.limitMs) {
    const excuse = `${text}; but the probing machine itself was late by ${seconds(lateMs)} in that time`;
    return { ...figures, kept: 'unsure', reason: reason('inconclusive', 'budget', excuse, where) };
  }
  return { ...figures, kept: 'missed', reason: reason('fail', 'budget', text, where) };
}

/** The scheme's own budgets hold for what was probed; one that the user set must have been measured. */
function notMeasured(budget: Budget, elsewhere: boolean): BudgetFigures {
  const told = budget.source !== 'scheme' && !elsewhere;
  const limit = countsFailures(budget.name) ? budget.limitMs : seconds(budget.limitMs);
  const text = `${budget.name} was not measured, so that its budget of ${limit} is not kept`;
  return {
    ...budget,
    measuredMs: undefined,
    from: undefined,
    kept: 'not measured',
    reason: told ? reason('fail', 'never-ran', text) : undefined,
  };
}

function judgeFailures(
  budget: Budget,
  { name, place }: { readonly name: string; readonly place: string | undefined },
  { lanes, failures: window }: BudgetInput,
): BudgetFigures {
  const found = failuresOf(lanes, { name, place, window });
  if (found === undefined) return notMeasured(budget, false);
  const { failed, attempts } = found;
  const [first] = failed;
  const figures = { ...budget, measuredMs: failed.length, from: place ?? first?.event.from };
  if (failed.length <= budget.limitMs) return { ...figures, kept: 'kept', reason: undefined };
  const from = [...new Set(failed.map(({ event }) => event.from))].join(', ');
  const text = `${failed.length} of ${plural(attempts, 'attempt')} of ${first?.event.probe} from ${from} failed (${first?.event.detail ?? 'no reason given'}), the budget is ${budget.limitMs}`;
  return {
    ...figures,
    kept: 'missed',
    reason: reason('fail', 'budget', text, { lines: failed.map(({ line }) => line), atMs: first?.event.startedMs }),
  };
}

const words = { detect: 'to notice the fault', 'fail-over': 'to serve new connections again', recover: 'to be whole again' } as const;

function judgeTime(
  budget: Budget,
  measuredMs: number | undefined,
  { name, input }: { readonly name: keyof typeof words; readonly input: BudgetInput },
): BudgetFigures {
  if (measuredMs === undefined) return notMeasured(budget, false);
  const figures = { ...budget, measuredMs, from: undefined };
  if (measuredMs <= budget.limitMs) return { ...figures, kept: 'kept', reason: undefined };
  const text = `the cluster took ${seconds(measuredMs)} ${words[name]}, the budget is ${seconds(budget.limitMs)}`;
  const where = { atMs: name === 'recover' ? input.fault.healedMs : input.fault.injectedMs };
  if (measuredMs - input.clockErrorMs <= budget.limitMs) {
    const excuse = `${text}; but clocks are known to ${input.clockErrorMs.toFixed(0)} ms only`;
    return { ...figures, kept: 'unsure', reason: reason('inconclusive', 'budget', excuse, where) };
  }
  return { ...figures, kept: 'missed', reason: reason('fail', 'budget', text, where) };
}

function judgeCut(budget: Budget, { watches, fault, past }: BudgetInput, place: string | undefined): BudgetFigures {
  const own = watches.filter(
    ({ from, slowestCutOnVictimMs }) => slowestCutOnVictimMs !== undefined && (place === undefined ? !past.includes(from) : place === from),
  );
  const worst = own.toSorted((a, b) => (b.slowestCutOnVictimMs ?? 0) - (a.slowestCutOnVictimMs ?? 0))[0];
  if (worst?.slowestCutOnVictimMs === undefined) return notMeasured(budget, false);
  const figures = { ...budget, measuredMs: worst.slowestCutOnVictimMs, from: worst.from };
  if (figures.measuredMs <= budget.limitMs) return { ...figures, kept: 'kept', reason: undefined };
  const text = `a watch from ${worst.from} on the lost apiserver was cut after ${seconds(figures.measuredMs)}, the budget is ${seconds(budget.limitMs)}`;
  return { ...figures, kept: 'missed', reason: reason('fail', 'budget', text, { atMs: fault.injectedMs }) };
}

/** A gap lies between two successes, so that being late makes it longer and hides none: worth a note; asked for by the user, it counts. */
function judgeOwnDelay(budget: Budget, { ownDelays }: BudgetInput): BudgetFigures {
  const worst = ownDelays.toSorted((a, b) => b.worstMs - a.worstMs)[0];
  const figures = { ...budget, measuredMs: worst?.worstMs ?? 0, from: worst?.from };
  if (worst === undefined || worst.worstMs <= budget.limitMs) return { ...figures, kept: 'kept', reason: undefined };
  const text = `the probes at ${worst.from} were late themselves by ${seconds(worst.worstMs)} (more than ${seconds(budget.limitMs)}): gaps may look longer than they were, never shorter`;
  const verdict = budget.source === 'scheme' ? 'note' : 'inconclusive';
  return { ...figures, kept: 'unsure', reason: reason(verdict, 'own-delay', text, { lines: [worst.line] }) };
}
