/** docs/matrix.md, from the recorded results of the matrix. Pure. */

import { type ClientsFigures, gapSeconds } from './clients-schema.ts';
import { markdownTable, seconds } from './figures.ts';
import type { LossResult, MatrixResult } from './matrix-result.ts';
import { describeSurroundings } from './surroundings.ts';

const order = ['vip-on-masters', 'local-care', 'local-proxy', 'external-pair', 'external'];

export function matrixPage(results: readonly MatrixResult[]): string {
  const sorted = results.toSorted((a, b) => order.indexOf(a.scheme) - order.indexOf(b.scheme) || a.case.localeCompare(b.case));
  const losses = sorted.flatMap((result) => result.losses.map((loss) => ({ result, loss })));
  return `${head}
## Cases

${markdownTable(
  ['case', 'etcd', 'certificates', 'machines', 'up', 'up again changed', 'reset', 'result'],
  sorted.map((result) => [
    result.case,
    result.etcd,
    result.certificates,
    result.release === 'bookworm' ? 'Debian 12' : 'Debian 13',
    upSeconds(result),
    result.changedAgain === undefined ? '–' : String(result.changedAgain),
    secondsOf(result, 'reset leaves nothing'),
    result.failed === undefined ? 'passed' : `**failed** at «${result.failed.step}»: ${result.failed.why.slice(0, 120)}`,
  ]),
)}

## A machine loses its power

Longest gap of each client: outside the cluster / on the worker. One loss each, so these are examples and not medians: bench/README.md has those.

${markdownTable(
  ['case', 'lost', 'new connections', 'reused connection', 'linearizable reads', 'writes', 'acknowledged, lost', 'healed in'],
  losses.map(({ result, loss }) => [
    result.case,
    lostText(result, loss),
    both(loss, (clients) => gapSeconds(clients, 'new connections')),
    both(loss, (clients) => gapSeconds(clients, 'reused connection')),
    seconds(gapSeconds(loss.outside, 'linearizable reads')),
    seconds(gapSeconds(loss.outside, 'writes')),
    `${loss.acknowledged}, ${loss.lost.length === 0 ? '0' : `**${loss.lost.length}**`}`,
    seconds(loss.healedSeconds, 0),
  ]),
)}

Watches: eight clients on either side, each with a connection of its own, on an object that changes ten times a second. Which apiserver a watch was with is told by the address that its certificate advertises; recordings of before 13:50 UTC on 2026-11-21 took a name that all masters’ certificates share, so that column does not count for them.

${markdownTable(
  [
    'case',
    'lost',
    'with the lost machine’s apiserver',
    'these cut within',
    'any cut within',
    'silent for at most',
    'kubelet’s own watch silent for',
  ],
  losses.map(({ result, loss }) => [
    result.case,
    lostText(result, loss),
    `${loss.outside.watch?.onVictim ?? '–'} / ${loss.worker.watch?.onVictim ?? '–'} of ${loss.outside.watch?.clients ?? '–'}`,
    both(loss, ({ watch }) => milliseconds(watch?.slowestCutOnVictimMs)),
    both(loss, ({ watch }) => milliseconds(watch?.slowestCutMs)),
    both(loss, ({ watch }) => milliseconds(watch?.gapMs)),
    seconds(gapSeconds(loss.outside, 'kubelet')),
  ]),
)}

## What it was measured on

${[...new Set(sorted.map(({ on }) => describeSurroundings(on)))].map((text) => `- ${text}`).join('\n') || 'Not run yet.'}

${[...new Set(sorted.map(versionsText))].map((text) => `- ${text}`).join('\n')}
`;
}

const head = `# The matrix of schemes

Every scheme on real machines of the lab: three masters and a worker (and balancers, and etcd's own machines, where the case has them). Made from bench/results/matrix by \`npm run matrix:docs\`; the results are recorded by \`npm run test:matrix\`, some of the cases by \`npm test\` too. A case brings a cluster up (those of haproxy with stacked etcd begin with one master and grow to three by the same file, so that what is lost later was a change of membership), runs \`trivet up\` and \`trivet plan\` again, powers machines off while clients are at work, reads every acknowledged write back, powers the machine on again, waits until \`trivet status\` is healthy, and resets.

Clients outside use the endpoint; under local-proxy there is none for them, and they know all masters and go to the next after 0.3 s without a connection. On the worker the clients use what its kubelet uses. New connections every 50 ms, given up after 1 s. Idle connections are given up as trivet tells kubelets to do: a ping after 3 s without a word, the end 3 s later. The kubelet's own watch is timed by pods that are bound to its node past the endpoint, twice a second, and that it must refuse.
`;

/** outside / worker */
function both(loss: LossResult, of: (clients: ClientsFigures) => number): string {
  return `${seconds(of(loss.outside))} / ${seconds(of(loss.worker))}`;
}

function milliseconds(value: number | undefined): number {
  return value === undefined ? Number.NaN : value / 1000;
}

function lostText({ scheme }: MatrixResult, { loss, victim }: LossResult): string {
  if (loss === 'master') return `${victim}, a master`;
  return scheme === 'external-pair' ? `${victim}, the balancer with the address` : `${victim}, the master with the address`;
}

function upSeconds(result: MatrixResult): string {
  const grown = result.seconds['up with one master'];
  return grown === undefined ? secondsOf(result, 'up') : `${seconds(grown, 0)} + ${secondsOf(result, 'up with three masters')}`;
}

function secondsOf(result: MatrixResult, step: string): string {
  return seconds(result.seconds[step] ?? Number.NaN, 0);
}

function versionsText({ kubernetes, release, packages }: MatrixResult): string {
  const others = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `Kubernetes ${kubernetes}, Debian ${release === 'bookworm' ? '12' : '13'}: ${others.join(', ')}`;
}
