/** The cluster's networks: whole subnets, large enough, apart from each other and from the machines. */

import type { Draft, DraftSubnet, Placed } from './draft.ts';
import type { Finding } from './finding.ts';
import { contains, formatSubnet, overlap, parseIpv4 } from './ipv4.ts';

/** Each node gets a /24 of the pod subnet: the controller manager's default. */
const nodeMask = 24;

export function networkFindings(draft: Draft): readonly Finding[] {
  const { podSubnet, serviceSubnet } = draft;
  return [
    ...(podSubnet === undefined ? [] : [...wholeSubnet(podSubnet), ...podSize(draft, podSubnet), ...hostsInside(draft, podSubnet)]),
    ...(serviceSubnet === undefined
      ? []
      : [...wholeSubnet(serviceSubnet), ...serviceSize(serviceSubnet), ...hostsInside(draft, serviceSubnet)]),
    ...overlapping(podSubnet, serviceSubnet),
  ];
}

function wholeSubnet({ path, value }: Placed<DraftSubnet>): readonly Finding[] {
  const address = parseIpv4(value.text.split('/')[0] ?? '');
  if (address === value.first) return [];
  return [
    { path, at: 'value', message: `${value.text} is an address within a subnet`, expected: 'a subnet', suggestion: formatSubnet(value) },
  ];
}

function podSize(draft: Draft, { path, value }: Placed<DraftSubnet>): readonly Finding[] {
  const text = JSON.stringify(draft.kubeadm.clusterConfiguration ?? {});
  if (text.includes('node-cidr-mask-size')) return [];
  const room = Math.floor(2 ** (nodeMask - value.prefix));
  const nodes = draft.hosts.filter((host) => host.isMaster || host.isWorker || !(host.isEtcd || host.isBalancer)).length;
  if (room >= nodes && value.prefix >= 8) return [];
  const message =
    value.prefix < 8
      ? `${value.text} is larger than Kubernetes accepts`
      : `${value.text} has room for ${room} nodes, each with a /${nodeMask}`;
  return [{ path, at: 'value', message, expected: `a subnet from /8 to /${nodeMask - Math.ceil(Math.log2(Math.max(1, nodes)))}` }];
}

/** kubeadm's own limits: ValidateNetworking, at most 20 bits and at least 10 addresses. */
function serviceSize({ path, value }: Placed<DraftSubnet>): readonly Finding[] {
  if (value.prefix >= 12 && value.prefix <= 28) return [];
  return [
    {
      path,
      at: 'value',
      message: `${value.text} is ${value.prefix < 12 ? 'larger' : 'smaller'} than kubeadm accepts`,
      expected: 'a subnet from /12 to /28',
    },
  ];
}

function hostsInside(draft: Draft, { path, value }: Placed<DraftSubnet>): readonly Finding[] {
  const inside = draft.hosts.flatMap((host) => {
    const address = [host.internalAddress, host.address].find(
      (candidate) => candidate !== undefined && contains(value, candidate.value.number),
    );
    return address === undefined ? [] : [`${host.label} (${address.value.text})`];
  });
  if (inside.length === 0) return [];
  return [{ path, at: 'value', message: `${value.text} contains ${inside.join(', ')}`, expected: "a subnet apart from the machines' own" }];
}

function overlapping(pods: Placed<DraftSubnet> | undefined, services: Placed<DraftSubnet> | undefined): readonly Finding[] {
  if (pods === undefined || services === undefined || !overlap(pods.value, services.value)) return [];
  const message = `${services.value.text} overlaps podSubnet ${pods.value.text}`;
  return [{ path: services.path, at: 'value', message, expected: 'two subnets that share no address' }];
}
