/** What the nodes met at the endpoint, judged and written for people. Pure. */

import type { IdleConnection } from '../facts/idle-connection.ts';
import type { EndpointAsBuilt } from '../facts/machine/endpoint-as-built.ts';
import type { EndpointSeen } from '../facts/machine/endpoint-seen.ts';
import type { Cluster } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { judgeEndpoint } from '../phases/preflight/judge-endpoint.ts';

export interface EndpointReport {
  readonly endpoint: string;
  readonly scheme: string;
  readonly good: boolean;
  /** By node: how often which master answered; `unknown` for a certificate that no master has. */
  readonly nodes: readonly { readonly name: string; readonly tries: number; readonly answers: Readonly<Record<string, number>> }[];
  readonly idle:
    | (IdleConnection & { readonly from: string; readonly asked: number })
    | {
        readonly from: undefined;
        readonly asked: number;
        readonly seconds: 0;
        readonly outcome: 'not tried';
        readonly reasons: readonly string[];
      }
    | undefined;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export interface EndpointGathered {
  readonly seen: readonly { readonly host: Host; readonly seen: EndpointSeen | Failure }[];
  readonly built: readonly { readonly host: Host; readonly built: EndpointAsBuilt | Failure }[];
  readonly idle: EndpointReport['idle'];
}

export function endpointReport(cluster: Cluster, { seen, built, idle }: EndpointGathered): EndpointReport {
  const apiservers = built.flatMap(({ host, built: each }) =>
    each instanceof Failure || each.certificate === undefined ? [] : [{ master: host.name, serves: each.serves, ...each.certificate }],
  );
  const answered = seen.flatMap(({ host, seen: each }) => (each instanceof Failure ? [] : [{ from: host.name, seen: each }]));
  const findings = judgeEndpoint({
    cluster,
    seen: answered,
    apiservers,
    reaches: cluster.scheme.variant === 'vip-on-masters/none' ? 'one' : 'every',
  });
  const said = (severity: 'error' | 'warning') =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ host, message, remedy }) => `${host === undefined ? '' : `${host}: `}${message}. ${remedy}`);
  const problems = [
    ...(apiservers.some(({ serves }) => serves) ? [] : ['no master serves: there is nothing that the endpoint could lead to']),
    ...apiservers.flatMap(({ master, names }) => unnamed(cluster, master, names)),
    ...said('error'),
    ...idleProblems(idle),
  ];
  const warnings = [
    ...[...seen.map(({ host, seen: each }) => ({ host, each })), ...built.map(({ host, built: each }) => ({ host, each }))]
      .flatMap(({ host, each }) => (each instanceof Failure ? [`${host.name} cannot be asked: ${each.message}`] : []))
      .filter((line, index, all) => all.indexOf(line) === index),
    ...said('warning'),
  ];
  const names = new Map(apiservers.map(({ master, sha256 }) => [sha256, master]));
  return {
    endpoint: `https://${cluster.endpoint.address}:${cluster.endpoint.port}`,
    scheme: cluster.scheme.variant,
    good: problems.length === 0,
    nodes: answered.map(({ from, seen: { tries, certificates } }) => ({ name: from, tries, answers: byName(certificates, names) })),
    idle,
    problems,
    warnings,
  };
}

function byName(certificates: ReadonlyMap<string, number>, names: ReadonlyMap<string, string>): Record<string, number> {
  const answers: Record<string, number> = {};
  for (const [digest, count] of certificates) {
    const name = names.get(digest) ?? 'unknown';
    answers[name] = (answers[name] ?? 0) + count;
  }
  return answers;
}

function unnamed({ endpoint }: Cluster, master: string, names: readonly string[]): readonly string[] {
  const missing = [endpoint.domain, endpoint.address].filter((name) => !names.includes(name));
  return missing.length === 0 ? [] : [`${master}: its apiserver's certificate is not made out for ${missing.join(' and ')}`];
}

function idleProblems(idle: EndpointReport['idle']): readonly string[] {
  switch (idle?.outcome) {
    case undefined:
    case 'survived':
      return [];
    case 'ended':
      return [
        `an idle watch was ended after ${idle.seconds} s of ${idle.asked} s: raise the load balancer's idle timeouts, on both sides, to an hour or more`,
      ];
    case 'silent':
      return [
        `an idle watch was forgotten on the way within ${idle.asked} s: its end never came. Raise the idle timeouts of the load balancer and of firewalls before it`,
      ];
    case 'not tried':
      return [`an idle watch could not be tried: ${idle.reasons.join('; ')}`];
  }
}

export function endpointText({ endpoint, scheme, nodes, idle, problems, warnings, good }: EndpointReport): string {
  const rows = nodes.map(({ name, tries, answers }) => {
    const met = Object.entries(answers)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([master, count]) => `${master} ${count}`)
      .join(', ');
    return `  from ${name}: ${tries} new connections${met === '' ? ', none answered' : ` answered by ${met}`}\n`;
  });
  const idled = idle?.outcome === 'survived' ? `  an idle watch from ${idle.from} lived for all of ${idle.asked} s\n` : '';
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? '' : `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
  return `endpoint ${endpoint} (${scheme})\n${rows.join('')}${idled}${list('warnings', warnings)}${list('problems', problems)}${good ? 'The endpoint is as it should be.\n' : ''}`;
}
