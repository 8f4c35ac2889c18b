/** Roles that go together, that the scheme has a use for, and what only nodes of Kubernetes have. */

import type { Draft, DraftHost } from './draft.ts';
import type { Finding } from './finding.ts';

export function roleFindings(draft: Draft): readonly Finding[] {
  return [
    // Where lb has no use at all, that says enough.
    ...(draft.scheme === undefined || draft.scheme.kind === 'external-pair' ? draft.hosts.flatMap(together) : []),
    ...balancerFindings(draft),
    ...etcdRoleFindings(draft),
    ...dnsFindings(draft),
    ...draft.hosts.flatMap(noNode),
  ];
}

function at(host: DraftHost, key: string, message: string, expected: string): Finding {
  return { path: [...host.path, key], at: 'value', message, expected };
}

/** A balancer machine holds the VIP and its port; whatever else ran there would share its fate, and with LVS its addresses. */
function together(host: DraftHost): readonly Finding[] {
  if (!host.isBalancer || !(host.isMaster || host.isWorker || host.isEtcd)) return [];
  const other = host.isMaster ? 'master' : host.isWorker ? 'worker' : 'etcd';
  const masters = other === 'master' ? '; balancers on the masters themselves are scheme: {kind: vip-on-masters, proxy: haproxy}' : '';
  return [at(host, 'roles', `lb and ${other} on one machine: a balancer machine does nothing else`, `lb alone${masters}`)];
}

function balancerFindings({ hosts, scheme, rolesAreKnown }: Draft): readonly Finding[] {
  const balancers = hosts.filter((host) => host.isBalancer);
  if (scheme === undefined) return [];
  if (scheme.kind !== 'external-pair') {
    const message = `the role lb has no use with ${scheme.kind}: only external-pair has machines that balance`;
    return balancers.map((host) => at(host, 'roles', message, 'another role, or scheme: {kind: external-pair, proxy: haproxy}'));
  }
  if (!rolesAreKnown || balancers.length > 1) return [];
  const message = balancers.length === 0 ? 'no host has the role lb' : 'one host of role lb: when it is lost, so is the way to all masters';
  const expected = 'external-pair to have two hosts of role lb, or more, between which the virtual address moves';
  return [
    balancers[0] === undefined ? { path: scheme.path, at: 'value', message, expected } : at(balancers[0], 'roles', message, expected),
  ];
}

function etcdRoleFindings({ hosts, etcd }: Draft): readonly Finding[] {
  if (etcd === undefined) return [];
  const members = hosts.filter((host) => host.isEtcd);
  if (etcd.topology === 'stacked') {
    const message = 'the role etcd has no use with stacked etcd, where each master has a member';
    return members.map((host) => at(host, 'roles', message, 'etcd: {topology: external} in spec, or this role left out'));
  }
  if (etcd.endpoints === undefined) return [];
  const message = 'the role etcd has no use with spec.etcd.endpoints, which name an etcd of your own';
  return members.map((host) => at(host, 'roles', message, 'either the endpoints or hosts of role etcd'));
}

function dnsFindings({ hosts, dns, rolesAreKnown }: Draft): readonly Finding[] {
  if (dns.on !== 'workers' || !rolesAreKnown || hosts.some((host) => host.isWorker && !host.isMaster)) return [];
  const message = 'no host is a worker only, so the cluster would have no DNS';
  return [{ path: ['spec', 'dns', 'on'], at: 'value', message, expected: 'masters or all, or a host with roles: [worker]' }];
}

function noNode(host: DraftHost): readonly Finding[] {
  if (host.isMaster || host.isWorker || !(host.isEtcd || host.isBalancer)) return [];
  return host.nodeKeys.map((key) => ({
    path: [...host.path, key],
    at: 'key',
    message: `${host.label} becomes no node of Kubernetes, so it has no ${key}`,
    expected: `${key} on hosts of role master or worker`,
  }));
}
