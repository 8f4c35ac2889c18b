/** The tables of care.ts. */

import { type CareFault, type CareGuardKind, type CareResult, type CareTrial, careFaults, careGuards } from './care-result.ts';
import { figure, goal, markdownTable, median, seconds, worst } from './figures.ts';
import { describeSurroundings } from './surroundings.ts';

/** Seconds. lvscare's are not goals. */
interface Goals {
  readonly wait: number;
  readonly cut: number;
  readonly out: number;
}

const lax = { wait: 1, cut: 1, out: 1 };
const goals: Readonly<Record<CareFault, Readonly<Record<'nft' | 'proxy', Goals>>>> = {
  'black hole': { nft: lax, proxy: { ...lax, wait: 0.25 } },
  killed: { nft: { ...lax, out: 0.1 }, proxy: { ...lax, out: 0.1 } },
  frozen: { nft: { wait: 1.5, cut: 1.5, out: 1.5 }, proxy: { wait: 1.5, cut: 1.5, out: 1.5 } },
};

export function careTable(result: CareResult): string {
  const { on, trials, failures, lvscare, haproxy } = result;
  const faults = markdownTable(
    [
      'a backend is lost',
      'trials',
      'new request served after, median',
      'worst',
      'goal',
      'out of rotation, median',
      'worst',
      'goal',
      'existing connection cut, median',
      'worst',
      'goal',
    ],
    careFaults.flatMap((fault) => careGuards.flatMap((guard) => faultRow(fault, guard, trials))),
  );
  return [
    faults,
    '',
    `Trials without figures: ${failures.length}${failures.map((text) => ` (${text})`).join('')}.${lvscare === undefined ? '' : ` lvscare: ${lvscare}.`}`,
    '',
    markdownTable(
      ['trivet care', 'measured', 'goal'],
      [...alarmRows(result), ...idleRows(result), ...startRows(result), ...streamRows(result), ...latencyRows(result)],
    ),
    '',
    ...(haproxy === undefined ? [] : [`${haproxy}, its own defaults (a thread for each core).`]),
    describeSurroundings(on),
    ...Object.entries(result.again ?? {}).map(([part, where]) => `Measured again, ${part}: ${describeSurroundings(where)}`),
  ].join('\n');
}

function faultRow(fault: CareFault, guard: CareGuardKind, all: readonly CareTrial[]): readonly (readonly string[])[] {
  const trials = all.filter((trial) => trial.fault === fault && trial.guard === guard);
  if (trials.length === 0) return [];
  const limits = guard === 'lvscare' ? undefined : goals[fault][guard];
  const waits = trials.map(({ longestWaitMs }) => longestWaitMs / 1000);
  // Without a log of its own only the clients know.
  const outs = trials.map(({ outOfTableMs, lastTroubleMs }) => (guard === 'lvscare' ? lastTroubleMs : (outOfTableMs ?? Number.NaN)) / 1000);
  const cuts = trials.map(({ held, cut, slowestCutMs }) => (cut < held ? Number.POSITIVE_INFINITY : (slowestCutMs ?? Number.NaN) / 1000));
  const uncut = trials.reduce((sum, { held, cut }) => sum + held - cut, 0);
  const cells = (values: readonly number[], limit: number | undefined) => [
    seconds(median(values), 3),
    seconds(worst(values), 3),
    limit === undefined ? '' : goal(worst(values), limit, ' s'),
  ];
  const [cutMedian = '', cutWorst = '', cutGoal = ''] = cells(cuts, limits?.cut);
  return [
    [
      `**${fault}**, ${guard}`,
      String(trials.length),
      ...cells(waits, limits?.wait),
      ...cells(outs, limits?.out),
      cutMedian,
      uncut === 0 ? cutWorst : `${uncut} never`,
      uncut === 0 || limits === undefined ? cutGoal : `at most ${limits.cut} s: **missed**`,
    ],
  ];
}

function alarmRows({ falseAlarms }: CareResult): readonly (readonly string[])[] {
  return falseAlarms.map(({ guard, minutes, lossPercent, stalls, stallMs, suspects, downs }) => [
    `${guard}: taken for dead in ${minutes} minutes at ${lossPercent} % loss, ${stalls} times stopped for ${stallMs} ms`,
    `${downs.length} (SUSPECT ${suspects} times)`,
    goal(downs.length, 0),
  ]);
}

function idleRows({ idle }: CareResult): readonly (readonly string[])[] {
  return idle.flatMap(({ guard, seconds: measured, cpuPercent, residentMb, ownMb, peakMb, besideMb }) => [
    [`${guard}: of one core at 3 backends, over ${measured} s`, figure(cpuPercent, 2, ' %'), goal(cpuPercent, 3, ' %')],
    [
      `${guard}: resident at 3 backends`,
      `${figure(residentMb, 1, ' MB')} (${ownMb === undefined ? '' : `its own ${figure(ownMb, 1)}, the rest is its program's file; `}peak ${figure(peakMb, 1)}, co-processes ${figure(besideMb, 1)})`,
      goal(residentMb, 60, ' MB'),
    ],
  ]);
}

function startRows({ starts }: CareResult): readonly (readonly string[])[] {
  if (starts === undefined) return [];
  const bare = median(starts.node);
  const ratio = (times: readonly number[]) => `${figure(median(times) / bare, 2)} (${seconds(median(times), 3)} to ${seconds(bare, 3)})`;
  return [
    [
      `start: \`trivet care --version\` to bare node, ${starts.node.length} each`,
      ratio(starts.careVersion),
      goal(median(starts.careVersion) / bare, 2.2),
    ],
    ['start: the daemon until it begins to look, to bare node', ratio(starts.daemon), ''],
  ];
}

function streamRows({ throughput }: CareResult): readonly (readonly string[])[] {
  return [...new Set(throughput.map(({ connections }) => connections))].map((connections) => {
    const of = (way: string) =>
      median(
        throughput
          .filter((one) => one.connections === connections && one.through === way)
          .map(({ bytesPerSecond }) => bytesPerSecond / 1e6),
      );
    const ratio = of('care') / of('haproxy');
    const rates = (['care', 'haproxy', 'direct'] as const).map((way) => `${way} ${figure(of(way), 0)}`).join(', ');
    return [
      `throughput of the proxy to haproxy's, ${connections === 1 ? '1 connection' : `${connections} connections`} (MB/s: ${rates})`,
      figure(ratio, 2),
      `at least 0.5: ${Number.isNaN(ratio) ? 'not measured' : ratio >= 0.5 ? 'met' : '**missed**'}`,
    ];
  });
}

function latencyRows({ latency }: CareResult): readonly (readonly string[])[] {
  if (latency.length === 0) return [];
  const ratios = latency.map(({ directUs, nftUs }) => nftUs / directUs);
  const requests = latency.reduce((sum, one) => sum + one.requests, 0);
  const medians = `${figure(median(latency.map(({ nftUs }) => nftUs)), 0)} to ${figure(median(latency.map(({ directUs }) => directUs)), 0, ' µs')}`;
  return [
    [`latency of one request through nft to direct (${medians}; ${requests} each)`, figure(median(ratios), 3), goal(median(ratios), 1.05)],
  ];
}
