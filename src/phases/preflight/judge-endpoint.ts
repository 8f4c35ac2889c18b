/** Whether the endpoint leads to the cluster's apiservers, and to every one of them, by what new connections met. */

import type { EndpointSeen } from '../../facts/machine/endpoint-seen.ts';
import { type ClusterSpec, masters, nodes } from '../../model/cluster.ts';
import { type Finding, type Severity, unlessIgnored } from './finding.ts';

export interface EndpointView {
  readonly cluster: ClusterSpec;
  readonly seen: readonly { readonly from: string; readonly seen: EndpointSeen }[];
  /** The masters whose apiserver has a certificate. */
  readonly apiservers: readonly { readonly master: string; readonly sha256: string; readonly serves: boolean }[];
  /** one: the endpoint is the address of a master at a time. */
  readonly reaches: 'every' | 'one';
}

/** Ignored by this name among ignorePreflightErrors. */
const ignoredAs = 'ExternalEndpoint';

/** How many connections from each node show every master, but for one time in a million, where a balancer chooses by chance. */
export function enoughTries(cluster: ClusterSpec): number {
  const count = masters(cluster).length;
  const all = count === 1 ? 1 : Math.ceil(Math.log(count * 1e6) / -Math.log(1 - 1 / count));
  return Math.max(2, Math.ceil(all / nodes(cluster).length));
}

export function judgeEndpoint(view: EndpointView): readonly Finding[] {
  const severity = unlessIgnored(view.cluster, ignoredAs);
  const serving = view.apiservers.filter(({ serves }) => serves);
  const judge = {
    ...view,
    severity,
    someServes: serving.length > 0,
    someAnswered: view.seen.some(({ seen }) => seen.certificates.size > 0),
  };
  const unanswered = view.seen.flatMap(({ from, seen }) => blocked(judge, from, seen));
  if (unanswered.length > 0) return unanswered;
  return [
    ...strangers(view, severity),
    ...(view.reaches === 'every' ? missing(view, serving, severity) : []),
    ...failing(view, serving.length > 0),
  ];
}

interface Judge extends EndpointView {
  readonly severity: Severity;
  readonly someServes: boolean;
  readonly someAnswered: boolean;
}

function blocked(
  { cluster: { endpoint }, severity, someServes, someAnswered }: Judge,
  from: string,
  seen: EndpointSeen,
): readonly Finding[] {
  const where = `${endpoint.address}:${endpoint.port}`;
  const finding = (message: string, remedy: string): readonly Finding[] => [{ severity, host: from, check: 'endpoint', message, remedy }];
  if (seen.outcome === 'silent') {
    return finding(
      `the endpoint ${where} does not answer within five seconds`,
      'look whether the load balancer has this address, listens on the port, and lets these machines in; while no master serves it may refuse, but not stay silent',
    );
  }
  if (!someServes) return [];
  const remedy = 'look at the load balancer: which masters does it believe to be healthy, and does it ask them on port 6443?';
  if (seen.outcome === 'refused') return finding(`the endpoint ${where} refuses connections while masters serve`, remedy);
  // Where another machine was answered, this one may only have been too slow: a warning, below.
  if (seen.tries > 0 && !someAnswered) return finding(`the endpoint ${where} takes connections and drops them while masters serve`, remedy);
  return [];
}

/** A certificate that no master of the cluster has: another cluster, or a balancer that ends TLS itself. */
function strangers({ cluster, seen, apiservers }: EndpointView, severity: Severity): readonly Finding[] {
  const known = new Set(apiservers.map(({ sha256 }) => sha256));
  return seen.flatMap(({ from, seen: { certificates } }) => {
    const strange = [...certificates.keys()].find((digest) => !known.has(digest));
    if (strange === undefined) return [];
    return [
      {
        severity,
        host: from,
        check: 'endpoint',
        message: `the endpoint ${cluster.endpoint.address}:${cluster.endpoint.port} shows a certificate (sha256:${strange.slice(0, 12)}) that no master of this cluster has`,
        remedy: 'the load balancer must pass TCP on, not end TLS itself, and lead to the masters of this cluster only',
      },
    ];
  });
}

function missing({ cluster, seen }: EndpointView, serving: EndpointView['apiservers'], severity: Severity): readonly Finding[] {
  const met = new Set(seen.flatMap(({ seen: { certificates } }) => [...certificates.keys()]));
  const tries = seen.reduce((sum, each) => sum + each.seen.tries, 0);
  const answers = seen.reduce((sum, each) => sum + [...each.seen.certificates.values()].reduce((one, other) => one + other, 0), 0);
  const lost = serving.filter(({ sha256 }) => !met.has(sha256)).map(({ master }) => master);
  if (tries === 0 || lost.length === 0) return [];
  return [
    {
      // Where connections failed, the missing ones may be among them.
      severity: answers === tries ? severity : 'warning',
      check: 'endpoint',
      message: `the endpoint ${cluster.endpoint.address}:${cluster.endpoint.port} never led to ${lost.join(', ')} in ${tries} connections from ${seen.length} machines, though ${lost.length === 1 ? 'it serves' : 'they serve'}`,
      remedy: `add ${lost.join(', ')} (port 6443) to the load balancer; where it binds each client to one master, say so by ignorePreflightErrors: [${ignoredAs}]`,
    },
  ];
}

function failing({ seen }: EndpointView, someServes: boolean): readonly Finding[] {
  if (!someServes) return [];
  return seen.flatMap(({ from, seen: { tries, certificates } }) => {
    const failed = tries - [...certificates.values()].reduce((sum, count) => sum + count, 0);
    if (failed === 0) return [];
    return [
      {
        severity: 'warning',
        host: from,
        check: 'endpoint',
        message: `${failed} of ${tries} new connections to the endpoint failed`,
        remedy:
          'the load balancer sends clients to a master that does not serve: let it ask https://…:6443/readyz?exclude=etcd&exclude=etcd-readiness',
      },
    ];
  });
}
