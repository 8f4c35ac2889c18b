/** The verdict on a drill, from its recording alone: pass, fail or inconclusive, each reason with the events that it rests on. */

import { type Budget, budgetName, budgetsInForce, schemeBudgets } from './judge/budgets.ts';
import { clocksOf } from './judge/clocks.ts';
import { type BudgetFigures, judgeBudgets } from './judge/judge-budgets.ts';
import { judgeWrites, type WriteFigures } from './judge/judge-data.ts';
import { failuresWindow } from './judge/judge-failures.ts';
import { type GapFigures, judgeGap } from './judge/judge-gaps.ts';
import { judgeDetect, judgeRecover, type Took, vipOwnerAt } from './judge/judge-times.ts';
import { judgeWatches, type WatchFigures } from './judge/judge-watches.ts';
import { type FaultTimes, faultTimes, type Lane, lanesOf, ownDelay, probedUntil } from './judge/lanes.ts';
import { type OwnDelay, ownDelaysOf } from './judge/own-delays.ts';
import type { Reason } from './judge/reason.ts';
import { courseReasons, recordingReasons } from './judge/reasons-of-course.ts';
import { dataReasons } from './judge/reasons-of-data.ts';
import { stateReasons } from './judge/reasons-of-state.ts';
import { staleReads } from './judge/stale-reads.ts';
import type { Recording } from './recording/recording.ts';

export type Result = 'pass' | 'fail' | 'inconclusive';

/** All times in milliseconds; those called `…AtMs` since the recording's start. */
export interface Verdict {
  readonly result: Result;
  /** What speaks against a pass, the worst first; then what is only worth knowing. */
  readonly reasons: readonly Reason[];
  readonly fault: FaultTimes;
  /** From the fault to the first thing that the cluster said about it. */
  readonly detect: Took | undefined;
  /** From the fault until new connections were served again everywhere; 0 when they always were. */
  readonly failOverMs: number | undefined;
  /** From the healing until the cluster was whole. */
  readonly recover: Took | undefined;
  readonly gaps: readonly GapFigures[];
  readonly watches: readonly WatchFigures[];
  readonly writes: readonly WriteFigures[];
  readonly budgets: readonly BudgetFigures[];
  readonly ownDelays: readonly OwnDelay[];
}

/** `budgets`: the user's own, by name; `lanes`: the recording's, if they are at hand. Never throws, whatever the recording says. */
export function judgeRecording(
  recording: Recording,
  budgets: ReadonlyMap<string, number> = new Map(),
  lanes: readonly Lane[] = lanesOf(recording.lines),
): Verdict {
  const clients = lanes.filter(({ probe }) => probe !== ownDelay);
  const fault = faultTimes(recording);
  const window = windowOf(recording, fault, probedUntil(lanes));
  const gaps = clients.map((lane) => judgeGap(lane, window));
  const watches = judgeWatches(recording, clients, fault, window.untilMs);
  const detect = judgeDetect(recording, fault);
  const recover = judgeRecover(recording, fault);
  const failOverMs = failOver(gaps, window.faultMs);
  const ownDelays = ownDelaysOf(lanes, window.faultMs);
  const writes = judgeWrites(recording);
  const judged = judgeBudgets({
    budgets: budgetsFor(recording, fault, budgets),
    gaps,
    watches,
    lanes,
    ownDelays,
    fault,
    times: { detect: detect?.ms, 'fail-over': failOverMs, recover: recover?.ms },
    window,
    // Where the endpoint is each node's own, clients outside know the masters themselves.
    past: recording.header.scheme.startsWith('local-') ? ['outside'] : [],
    failures: failuresWindow(recording, fault),
    clockErrorMs: clocksOf(recording.header).worstMs,
  });
  const reasons = [
    ...dataReasons(recording, writes, staleReads(recording, fault.injectedMs), fault),
    ...stateReasons(recording),
    ...judged.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    ...courseReasons(recording, { lanes, gaps, watches, fault, untilMs: window.untilMs, budgets: judged }),
    ...recordingReasons(recording),
  ].toSorted((a, b) => weight[a.verdict] - weight[b.verdict]);
  const result = reasons.some(({ verdict }) => verdict === 'fail')
    ? 'fail'
    : reasons.some(({ verdict }) => verdict === 'inconclusive')
      ? 'inconclusive'
      : 'pass';
  return { result, reasons, fault, detect, failOverMs, recover, gaps, watches, writes, budgets: judged, ownDelays };
}

const weight: Readonly<Record<Reason['verdict'], number>> = { fail: 0, inconclusive: 1, note: 2 };

interface Window {
  readonly faultMs: number | undefined;
  readonly untilMs: number;
}

/** Without etcd's quorum nobody need be served: then what counts begins with the healing. */
function windowOf({ header }: Recording, { injectedMs, firstHealedMs }: FaultTimes, untilMs: number): Window {
  return { faultMs: header.expects === 'no-writes' ? (firstHealedMs ?? injectedMs) : injectedMs, untilMs };
}

function budgetsFor(recording: Recording, fault: FaultTimes, own: ReadonlyMap<string, number>): readonly Budget[] {
  const vipOwner = fault.injectedMs === undefined ? undefined : vipOwnerAt(recording, fault.injectedMs);
  const scheme = schemeBudgets(recording.header, { faults: fault.faults, victims: fault.victims, vipOwner });
  if (recording.header.expects !== 'no-writes') return budgetsInForce(scheme, recording.header.budgets, own);
  // While the quorum is gone no client need be served, so that only the time to recover is bounded.
  const bounded = new Map([...scheme].filter(([name]) => name === 'recover' || name === 'own-delay'));
  return budgetsInForce(bounded, recording.header.budgets, own);
}

/** Less than this is the probes' own pace. */
const noticedMs = 200;

function failOver(gaps: readonly GapFigures[], faultMs: number | undefined): number | undefined {
  if (faultMs === undefined) return undefined;
  const own = gaps.filter(({ probe }) => budgetName(probe) === 'new-connections');
  if (own.length === 0) return undefined;
  let worstMs = 0;
  for (const { gapMs, endMs } of own) {
    if (gapMs <= noticedMs) continue;
    if (endMs === undefined) return undefined;
    worstMs = Math.max(worstMs, endMs - faultMs);
  }
  return worstMs;
}
