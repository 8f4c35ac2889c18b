/** The scheme vip-on-masters: a virtual address that keepalived keeps on a master whose apiserver serves. */

import { existingVirtualRouterId, freeVirtualRouterId } from '../../facts/machine/free-virtual-router-id.ts';
import { keepalivedInstances } from '../../facts/machine/keepalived-instances.ts';
import { interfaceFor } from '../../facts/machine/network.ts';
import { vrrpSeen } from '../../facts/machine/vrrp-seen.ts';
import { type Cluster, type ClusterSpec, masters } from '../../model/cluster.ts';
import type { ReadFact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { Scheme } from '../../model/scheme.ts';
import type { Step } from '../../model/step.ts';
import { keepalivedConfig } from '../../render/keepalived.ts';
import { keepalivedDropIn, vipWatchUnit } from '../../render/systemd.ts';
import { vipWatch } from '../../render/vip-watch.ts';

const watchProgram = '/usr/local/lib/trivet/vip-watch';
const trackFile = '/run/trivet-vip/serves';

export const vipOnMasters: Scheme = {
  name: 'vip-on-masters',
  summary: 'keepalived moves a virtual address to a master whose apiserver serves; no other machine is needed',
  survives: ['machine-power-off', 'apiserver-killed', 'apiserver-frozen', 'kubelet-killed', 'machine-isolated'],
  packages: ['keepalived', 'curl'],
  certificateNames: () => [],
  // A single master without an address of its own for the endpoint has nothing to move.
  hosts: (cluster) => (cluster.hosts.some((host) => host.internalAddress === cluster.endpoint.address) ? [] : masters(cluster)),
  plan: async ({ cluster, host, read }) => {
    const peers = masters(cluster).filter((other) => other !== host);
    const trackAddresses = peers.map((peer) => peer.internalAddress);
    const config = keepalivedConfig({
      name: host.name,
      address: host.internalAddress,
      peers: trackAddresses,
      vip: cluster.endpoint.address,
      interface: await interfaceOf(cluster, host, read),
      virtualRouterId: await routerId(cluster, read),
      priority: priorityOf(cluster, host),
      advertSeconds: cluster.schemeOptions.advertSeconds,
      preempt: cluster.schemeOptions.preempt,
      trackFile,
    });
    const watch = vipWatch({ address: host.internalAddress, peers: trackAddresses, apiserverPort: 6443, trackFile });
    const file = (id: string, path: string, content: string, mode: number, restarts: string): Step => ({
      id: `endpoint/${id}`,
      host: host.name,
      title: `write ${path}`,
      action: { kind: 'file', path, content, mode, owner: 'root:root', restarts },
    });
    const service = (unit: string, title: string, reload: { readonly reloads?: true } = {}): Step => ({
      id: `endpoint/${unit.replace('.service', '')}`,
      host: host.name,
      title,
      action: { kind: 'service', unit, enabled: true, active: true, ...reload },
    });
    return [
      file('watch', watchProgram, watch, 0o755, 'trivet-vip-watch.service'),
      file('watch-unit', '/etc/systemd/system/trivet-vip-watch.service', vipWatchUnit(watchProgram), 0o644, 'trivet-vip-watch.service'),
      file('keepalived-config', '/etc/keepalived/keepalived.conf', config, 0o600, 'keepalived.service'),
      file('keepalived-unit', '/etc/systemd/system/keepalived.service.d/10-trivet.conf', keepalivedDropIn(), 0o644, 'keepalived.service'),
      service('trivet-vip-watch.service', 'watch this master’s apiserver and kubelet'),
      service('keepalived.service', 'run keepalived', { reloads: true }),
    ];
  },
};

/** Far enough apart that two masters do not begin the same election: 45/256 of an advert interval each. */
export function priorityOf(cluster: ClusterSpec, host: Host): number {
  const list = masters(cluster);
  const step = Math.min(45, Math.floor(240 / list.length));
  return 250 - step * list.indexOf(host);
}

async function interfaceOf(cluster: Cluster, host: Host, read: ReadFact): Promise<string> {
  const named = cluster.schemeOptions.interface ?? host.interface;
  if (named !== undefined) return named;
  const found = await read(host, interfaceFor(cluster.endpoint.address));
  if (found === undefined) {
    throw new Failure('PREFLIGHT', `no interface of ${host.name} is in the subnet of the VIP ${cluster.endpoint.address}`, {
      host: host.name,
      remedy: 'choose a VIP in the masters’ subnet, or name the interface: spec.scheme.interface',
    });
  }
  return found.interface;
}

async function routerId(cluster: Cluster, read: ReadFact): Promise<number> {
  const instances = await Promise.all(masters(cluster).map((master) => read(master, keepalivedInstances)));
  const existing = existingVirtualRouterId(instances.flat(), cluster.endpoint.address);
  const [listener] = masters(cluster);
  if (existing !== undefined || cluster.schemeOptions.virtualRouterId !== undefined || listener === undefined) {
    return freeVirtualRouterId(cluster, [], existing);
  }
  return freeVirtualRouterId(cluster, (await read(listener, vrrpSeen(listener.internalAddress))) ?? []);
}
