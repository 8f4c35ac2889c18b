/** The head of the page: is the cluster whole, what is wrong, the endpoint, etcd's arithmetic, and who leads. */

import type { ClusterStatus } from '../../status/cluster-status.ts';
import { element, find, keyed, setClass, setHidden, setText } from './elements.ts';
import type { Look } from './page-data.ts';

export function showSummary(status: ClusterStatus | undefined): void {
  const health = find('#health');
  setText(health, status === undefined ? 'not asked yet' : status.healthy ? '✓ healthy' : '✗ not healthy');
  setClass(health, `verdict ${status === undefined ? 'inconclusive' : status.healthy ? 'pass' : 'fail'}`);
  const problems = status?.problems ?? [];
  setHidden(find('#problems'), problems.length === 0);
  keyed(
    find('#problems ul'),
    problems,
    (text) => text,
    (text) => element('li', '', text),
    () => undefined,
  );
  if (status === undefined) return;
  keyed(find('#summary dl'), factsOf(status), ({ name }) => name, makeFact, updateFact);
}

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly more: string;
  readonly bad: boolean;
}

function factsOf(status: ClusterStatus): readonly Fact[] {
  const { leaders } = status;
  return [
    endpointFact(status),
    etcdFact(status),
    ...leaders.map(({ of, holder, current, renewedSecondsAgo, transitions }) => ({
      name: of.replace('kube-', ''),
      value: current ? `${holder ?? 'nobody'} leads` : 'nobody leads',
      more:
        current || renewedSecondsAgo === undefined
          ? `changed hands ${transitions === 1 ? 'once' : `${transitions} times`}`
          : `last renewed ${Math.round(renewedSecondsAgo)} s ago`,
      bad: !current || holder === undefined,
    })),
  ];
}

function endpointFact({ endpoint, machines }: ClusterStatus): Fact {
  const { address, port, keptBy, holders, answers, asked } = endpoint;
  const balancing = machines.filter(({ balancer }) => balancer !== undefined);
  const running = balancing.filter(({ balancer }) => balancer === 'active').length;
  const kept = {
    'one-machine': holders.length === 0 ? 'nobody holds it' : `${holders.join(' and ')} ${holders.length === 1 ? 'holds' : 'hold'} it`,
    'every-node': `on each node; its balancer runs on ${running} of ${balancing.length}`,
    user: 'your own load balancer',
  }[keptBy];
  return {
    name: `endpoint ${address.includes(':') ? `[${address}]` : address}:${port}`,
    value: kept,
    more: `answers ${answers.length} of ${asked} nodes`,
    bad: (keptBy === 'one-machine' && holders.length !== 1) || answers.length < asked,
  };
}

function etcdFact({ etcd }: ClusterStatus): Fact {
  const { healthy, voters, quorum, spare, members } = etcd;
  const leader = members.find((member) => member.leader)?.name;
  const reserve = healthy < quorum ? 'writes are refused' : spare === 0 ? 'none may fail any more' : `${spare} more may fail`;
  return {
    name: `etcd, ${{ stacked: 'on the masters', hosted: 'external', foreign: 'your own' }[etcd.topology]}`,
    value: `${healthy} of ${voters} members healthy`,
    more: `quorum is ${quorum}: ${reserve}; ${leader ?? 'nobody'} leads`,
    bad: healthy < voters || leader === undefined,
  };
}

function makeFact({ name }: Fact): Element {
  const pair = element('div');
  pair.append(element('dt', '', name), element('dd', 'value'), element('dd', 'more'));
  return pair;
}

function updateFact(pair: Element, { value, more, bad }: Fact): void {
  setClass(pair, bad ? 'bad' : '');
  const [first, second] = [pair.querySelector('.value'), pair.querySelector('.more')];
  if (first !== null) setText(first, bad ? `✗ ${value}` : value);
  if (second !== null) setText(second, more);
}

/** An answer older than this is told as old, in milliseconds. */
const staleMs = 10_000;

/** `nowMs` is the server's clock; `lost`: why the server cannot be heard. */
export function showLooked({ askingSinceMs, answeredAtMs, tookMs, failed }: Look, nowMs: number, lost: string | undefined): void {
  const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;
  const asking = askingSinceMs === undefined ? 0 : nowMs - askingSinceMs;
  const age = answeredAtMs === undefined ? undefined : nowMs - answeredAtMs;
  const stale = age !== undefined && age > staleMs;
  const parts = [
    ...(lost === undefined ? [] : [lost]),
    ...(failed === undefined ? [] : [`cannot be asked: ${failed}`]),
    ...(age === undefined ? [] : [`${stale ? 'stale: ' : ''}as of ${seconds(age)} ago`]),
    ...(asking > 5000 ? [`being asked for ${seconds(asking)}`] : tookMs === undefined ? ['machines are being asked'] : []),
  ];
  setText(find('#looked'), parts.join('; '));
  setClass(find('#looked'), lost !== undefined || failed !== undefined ? 'lost' : stale ? 'stale' : 'quiet');
  setClass(document.body, lost !== undefined ? 'lost' : stale ? 'stale' : '');
}
