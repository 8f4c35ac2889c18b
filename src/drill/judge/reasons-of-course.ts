/** Whether the drill went as it must: probes ran, clients were served before it, the fault went in and was healed, the file is whole. */

import type { Recording } from '../recording/recording.ts';
import { type Budget, budgetName } from './budgets.ts';
import type { GapFigures } from './judge-gaps.ts';
import type { WatchFigures } from './judge-watches.ts';
import type { FaultTimes, Lane } from './lanes.ts';
import { plural, type Reason, reason, seconds } from './reason.ts';

export interface Course {
  readonly lanes: readonly Lane[];
  readonly gaps: readonly GapFigures[];
  readonly watches: readonly WatchFigures[];
  readonly fault: FaultTimes;
  readonly untilMs: number;
  readonly budgets: readonly Budget[];
}

/** Clocks of places that are known less well than this make a pass worthless: it is a probe's pace. */
const clockErrorMs = 50;

export function courseReasons(recording: Recording, course: Course): readonly Reason[] {
  return [...probeReasons(recording, course), ...faultReasons(recording, course), ...healthReasons(recording, course.fault)];
}

function probeReasons({ header }: Recording, { lanes, gaps, watches, untilMs }: Course): readonly Reason[] {
  const ran = (probe: string, from: string) => lanes.some((lane) => lane.probe === probe && lane.from === from);
  const never = header.probes.filter(({ probe, from }) => !ran(probe, from));
  const unserved = gaps.filter(({ failed, attempts }) => attempts > 0 && failed === attempts);
  const stuck = watches.filter(({ allMoved, clients }) => clients > 0 && !allMoved);
  return [
    ...never.map(({ probe, from }) => reason('fail', 'never-ran', `${probe} from ${from} never ran`)),
    ...(lanes.length === 0 && header.probes.length === 0 ? [reason('fail', 'never-ran', 'no probe ran')] : []),
    ...unserved.map(({ probe, from, attempts }) =>
      reason('fail', 'never-served', `${probe} from ${from}: none of ${attempts} attempts was served`),
    ),
    ...stuck.map(({ from }) => reason('fail', 'watch-stuck', `not every watch from ${from} heard of changes again`, { atMs: untilMs })),
    ...(header.clocks ?? [])
      .filter(({ errorMs }) => errorMs > clockErrorMs)
      .map(({ from, errorMs }) => reason('inconclusive', 'clock', `the clock of ${from} is known to ${errorMs.toFixed(0)} ms only`)),
  ];
}

function faultReasons({ header }: Recording, { fault, gaps, untilMs, budgets }: Course): readonly Reason[] {
  const { injectedMs, lines, unhealed } = fault;
  if (injectedMs === undefined)
    return header.fault === '' ? [] : [reason('inconclusive', 'no-fault', `the fault never went in: ${header.fault}`)];
  const troubled = gaps.filter((gap) => gap.beforeMs > enduredMs(gap, budgets) && gap.beforeMs > gap.gapMs / 2);
  // Of several clients of one kind in one place the worst.
  const worst = [...Map.groupBy(troubled, ({ probe, from }) => `${probe} from ${from}`)].map(
    ([client, own]) => [client, Math.max(...own.map(({ beforeMs }) => beforeMs))] as const,
  );
  return [
    ...(untilMs <= injectedMs
      ? [reason('inconclusive', 'not-probed', 'nothing was probed after the fault', { lines, atMs: injectedMs })]
      : []),
    ...(unhealed.length > 0
      ? [reason('inconclusive', 'not-healed', `never healed: ${unhealed.join(', ')}`, { lines, atMs: injectedMs })]
      : []),
    ...worst.map(([client, beforeMs]) =>
      reason('inconclusive', 'trouble-before', `${client} was not served for ${seconds(beforeMs)} before the fault already`),
    ),
  ];
}

/**
 * What the client may wait says nothing against a drill beforehand either. The counter only moves what watches look at. A kubelet looks at
 * its pods once a second, and answers some time after.
 */
function enduredMs({ probe, from }: GapFigures, budgets: readonly Budget[]): number {
  const name = probe === 'counter' ? 'watch' : budgetName(probe);
  const budget = budgets.find((one) => one.name === `${name}@${from}`) ?? budgets.find((one) => one.name === name);
  return Math.max(budget?.limitMs ?? 0, probe === 'kubelet' ? 5000 : 1000);
}

function healthReasons({ lines }: Recording, { injectedMs, healedMs }: FaultTimes): readonly Reason[] {
  const looks = lines.flatMap(({ line, event }) => (event.kind === 'health' ? [{ line, event }] : []));
  const before = looks.findLast(({ event }) => event.atMs < (injectedMs ?? 0));
  const after = looks.findLast(({ event }) => healedMs !== undefined && event.atMs >= healedMs);
  const told = (look: (typeof looks)[number]) => ({ lines: [look.line], atMs: look.event.atMs });
  const list = (problems: readonly string[]) => (problems.length === 0 ? '' : `: ${problems.slice(0, 5).join('; ')}`);
  return [
    ...(before?.event.healthy === false
      ? [reason('inconclusive', 'broken-before', `the cluster was not healthy before${list(before.event.problems)}`, told(before))]
      : []),
    ...(after?.event.healthy === false
      ? [reason('fail', 'broken-after', `the cluster was not healthy afterwards${list(after.event.problems)}`, told(after))]
      : []),
  ];
}

/** What is wrong with the file itself. */
export function recordingReasons({ defects, unknownLines }: Recording): readonly Reason[] {
  return [
    ...defects.map(({ line, what }) => reason('inconclusive', 'recording', what, { lines: [line] })),
    ...(unknownLines > 0
      ? [reason('note', 'unknown-lines', `${plural(unknownLines, 'line')} of kinds that this trivet does not know`)]
      : []),
  ];
}
