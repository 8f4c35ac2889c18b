/** The tables of failover.ts. */

import { gapSeconds } from './clients-schema.ts';
import type { Failover, SetResult, Trial } from './failover-result.ts';
import { type FailoverSet, failoverClusters } from './failover-sets.ts';
import { goal, markdownTable, median, seconds, worst } from './figures.ts';
import { describeSurroundings } from './surroundings.ts';

const order: readonly FailoverSet[] = failoverClusters.flatMap(({ sets }) => sets);
const kubeletGoal = 10;

export function failoverTable({ sets }: Failover): string {
  const known = order.flatMap((about) => sets.filter(({ name }) => name === about.name).map((result) => ({ about, result })));
  const run = known.filter(({ result }) => result.trials.length > 0);
  const trials = run.flatMap(({ result }) => result.trials);
  const lost = trials.reduce((sum, trial) => sum + (trial.lost ?? 0), 0);
  const unread = trials.filter((trial) => trial.lost === undefined).length;
  const failures = known.flatMap(({ result }) => result.failures.map(({ trial, error }) => `${result.name} ${trial}: ${error}`));
  return [
    markdownTable(
      [
        'a machine is powered off; longest gap',
        'trials',
        '/livez median',
        'worst',
        'goal',
        'reads median',
        'worst',
        'writes median',
        'worst',
        'reused connection worst',
        'on return: /livez worst',
      ],
      run.map(({ about, result }) => clientsRow(about, result)),
    ),
    '',
    markdownTable(
      [
        'watches',
        'with the lost machine’s apiserver',
        'cut, slowest',
        'goal',
        'changes flow again, slowest client',
        'kubelet’s watch median',
        'worst',
        'goal',
      ],
      run.map(({ about, result }) => watchRow(about, result)),
    ),
    '',
    `${trials.reduce((sum, { acknowledged }) => sum + acknowledged, 0)} acknowledged writes, ${lost} lost${unread === 0 ? '' : ` (not read back in ${unread} trials)`}. Trials without figures: ${failures.length}${failures.map((text) => ` (${text})`).join('')}.`,
    ...known.flatMap(({ result }) => (result.skipped === undefined ? [] : [`${result.name}: ${result.skipped}.`])),
    ...known.flatMap(({ result }) => describeTrap(result)),
    ...known.flatMap(({ result: { name, afterwards } }) =>
      afterwards === undefined
        ? []
        : [
            `After ${name} trivet's own files were put back; \`trivet up\` then changed ${afterwards.changed} things, and ${afterwards.problems.length} problems were left.`,
          ],
    ),
    '',
    markdownTable(
      [
        'trial',
        'lost → holder after',
        'led etcd too',
        'etcd elected',
        '/livez',
        'reads',
        'writes',
        'watch',
        'kubelet',
        'own delay',
        'healed in',
        'gap on return',
      ],
      run.flatMap(({ result }) => result.trials.map((trial) => trialRow(result.name, trial))),
    ),
    '',
    ...known.flatMap(({ result: { name, mends } }) => (mends.length === 0 ? [] : [`Mends of ${name}: ${mends.join('; ')}.`])),
    '',
    ...new Set(run.map(({ result }) => describeSurroundings(result.on))),
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

function clientsRow({ goal: limit }: FailoverSet, { name, trials, failures }: SetResult): readonly string[] {
  const of = (probe: string) => trials.map(({ clients }) => gapSeconds(clients, probe));
  const livez = of('new connections');
  const returns = trials.flatMap(({ returnGapMs }) => (returnGapMs === undefined ? [] : [returnGapMs / 1000]));
  return [
    bold(name),
    failures.length === 0 ? String(trials.length) : `${trials.length} (+ ${failures.length} without figures)`,
    seconds(median(livez)),
    seconds(worst(livez)),
    limit === undefined ? '' : goal(median(livez), limit, ' s'),
    ...['linearizable reads', 'writes'].flatMap((probe) => [seconds(median(of(probe))), seconds(worst(of(probe)))]),
    seconds(worst(of('reused connection'))),
    seconds(worst(returns)),
  ];
}

function watchRow({ cutGoal, seed }: FailoverSet, { name, trials }: SetResult): readonly string[] {
  const watches = trials.flatMap(({ clients }) => (clients.watch === undefined ? [] : [clients.watch]));
  const kubelet = trials.flatMap(({ kubeletMs }) => (kubeletMs === undefined ? [] : [kubeletMs / 1000]));
  const cutMs = watches.flatMap((watch) => (cutGoal === undefined ? watch.slowestCutMs : watch.slowestCutOnVictimMs) ?? []);
  const sum = (of: (watch: (typeof watches)[number]) => number) => watches.reduce((total, watch) => total + of(watch), 0);
  const slowest = worst(cutMs) / 1000;
  const uncut = sum((watch) => watch.onVictim - watch.cutOnVictim);
  return [
    bold(name),
    `${sum((watch) => watch.onVictim)} of ${sum((watch) => watch.clients)}${uncut === 0 ? '' : `, ${uncut} of them never cut`}`,
    seconds(slowest),
    cutGoal === undefined ? '' : goal(uncut === 0 ? slowest : Number.POSITIVE_INFINITY, cutGoal, ' s'),
    `${seconds(worst(watches.map(({ gapMs }) => gapMs / 1000)))}${watches.every(({ allMoved }) => allMoved) ? '' : ', **not all**'}`,
    seconds(median(kubelet)),
    seconds(worst(kubelet)),
    seed === undefined ? goal(worst(kubelet), kubeletGoal, ' s') : '',
  ];
}

function describeTrap({ name, trap }: SetResult): readonly string[] {
  if (trap === undefined) return [];
  const { holder, holdersAfter, seconds: passed, livezGapMs, recovered } = trap;
  const moved = holdersAfter.length === 1 && holdersAfter[0] !== holder;
  return [
    `${name}, the holder's apiserver killed and kept dead, its machine alive: after ${passed.toFixed(0)} s the address was on ${holdersAfter.join(', ') || 'no machine'} ${moved ? `(it left ${holder})` : `(**it never left ${holder}**)`}; /livez silent for ${recovered ? seconds(livezGapMs / 1000) : `all of the remaining ${seconds(livezGapMs / 1000)}`}.`,
  ];
}

function trialRow(name: string, trial: Trial): readonly string[] {
  const { clients } = trial;
  return [
    `${name} ${trial.trial}`,
    `${trial.victim} → ${trial.newHolder ?? '–'}`,
    trial.leaderThere ? 'yes' : 'no',
    trial.termAfter === undefined || trial.termBefore === undefined ? '–' : trial.termAfter > trial.termBefore ? 'yes' : 'no',
    ...['new connections', 'linearizable reads', 'writes'].map((probe) => seconds(gapSeconds(clients, probe))),
    clients.watch === undefined ? '–' : seconds(clients.watch.gapMs / 1000),
    trial.kubeletMs === undefined ? '–' : seconds(trial.kubeletMs / 1000),
    `${clients.ownDelayMs} ms`,
    trial.healedSeconds === undefined ? '–' : seconds(trial.healedSeconds, 0),
    trial.returnGapMs === undefined ? '–' : seconds(trial.returnGapMs / 1000),
  ];
}

function bold(name: string): string {
  return name.startsWith('seed') || name === 'kube-vip' ? name : `**${name}**`;
}
