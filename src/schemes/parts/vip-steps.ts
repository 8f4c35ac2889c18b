/** A virtual address that keepalived keeps on one of several machines whose endpoint serves. */

import { existingVirtualRouterId, freeVirtualRouterId } from '../../facts/machine/free-virtual-router-id.ts';
import { keepalivedInstances } from '../../facts/machine/keepalived-instances.ts';
import { interfaceFor } from '../../facts/machine/network.ts';
import { vrrpSeen } from '../../facts/machine/vrrp-seen.ts';
import type { Cluster, VrrpOptions } from '../../model/cluster.ts';
import type { ReadFact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { SchemeInput } from '../../model/scheme.ts';
import type { Step } from '../../model/step.ts';
import { keepalivedConfig } from '../../render/keepalived.ts';
import { keepalivedDropIn, vipWatchUnit, vrrpFilterUnit } from '../../render/systemd.ts';
import { type VipWatchInput, vipWatch } from '../../render/vip-watch.ts';
import { vrrpFilter } from '../../render/vrrp-filter.ts';
import { fileStep, removeStep, serviceStep, stoppedStep } from './scheme-steps.ts';

const watchProgram = '/usr/local/lib/trivet/vip-watch';
const watchUnit = 'trivet-vip-watch.service';
const trackFile = '/run/trivet-vip/serves';
const filterRules = '/etc/trivet/vrrp.nft';
const filterUnit = 'trivet-vrrp-filter.service';

/** What these steps call on the machine, by Debian's names. */
export const vipPackages = ['keepalived', 'curl', 'nftables'] as const;

export interface VipInput extends SchemeInput {
  readonly options: VrrpOptions;
  /** All machines among which the address moves, `host` too, in the order of their priority. */
  readonly among: readonly Host[];
  /** What must serve on the machine that holds the address; undefined: the machine being up is enough. */
  readonly serves: Pick<VipWatchInput, 'what' | 'port' | 'onMaster' | 'socket'> | undefined;
  /** Further blocks for keepalived.conf: LVS. */
  readonly virtualServers?: string;
}

export async function vipSteps(input: VipInput): Promise<readonly Step[]> {
  const { cluster, host, read, options, among, serves } = input;
  const peers = among.filter((other) => other !== host).map((peer) => peer.internalAddress);
  const virtualRouterId = await routerId(input);
  const config = keepalivedConfig({
    name: host.name,
    address: host.internalAddress,
    peers,
    vip: cluster.endpoint.address,
    interface: await vipInterface(cluster, options, host, read),
    virtualRouterId,
    priority: priorityOf(among, host),
    advertSeconds: options.advertSeconds,
    preempt: options.preempt,
    multicast: options.multicast,
    trackFile: serves === undefined ? undefined : trackFile,
    virtualServers: input.virtualServers ?? '',
  });
  const watch = {
    address: host.internalAddress,
    peers,
    vip: cluster.endpoint.address,
    podSubnet: cluster.network.podSubnet,
    trackFile,
  };
  return [
    ...filterSteps(host, vrrpFilter({ virtualRouterId, peers })),
    ...(serves === undefined ? noWatchSteps(host) : watchSteps(host, vipWatch({ ...watch, ...serves }))),
    fileStep(host, 'keepalived-config', '/etc/keepalived/keepalived.conf', config, { mode: 0o600, restarts: 'keepalived.service' }),
    fileStep(host, 'keepalived-unit', '/etc/systemd/system/keepalived.service.d/10-trivet.conf', keepalivedDropIn(), {
      restarts: 'keepalived.service',
    }),
    serviceStep(host, 'keepalived.service', 'run keepalived', { reloads: true }),
  ];
}

function filterSteps(host: Host, rules: string): readonly Step[] {
  return [
    fileStep(host, 'vrrp-filter', filterRules, rules, { restarts: filterUnit }),
    fileStep(host, 'vrrp-filter-unit', `/etc/systemd/system/${filterUnit}`, vrrpFilterUnit(filterRules), { restarts: filterUnit }),
    serviceStep(host, filterUnit, 'hear VRRP only from the machines among which the address moves', { reloads: true }),
  ];
}

function watchSteps(host: Host, program: string): readonly Step[] {
  return [
    fileStep(host, 'watch', watchProgram, program, { mode: 0o755, restarts: watchUnit }),
    fileStep(host, 'watch-unit', `/etc/systemd/system/${watchUnit}`, vipWatchUnit(watchProgram), { restarts: watchUnit }),
    serviceStep(host, watchUnit, 'watch whether this machine may hold the address'),
  ];
}

/** Of a scheme that was here before. */
function noWatchSteps(host: Host): readonly Step[] {
  return [
    stoppedStep(host, watchUnit, 'watch this machine no longer'),
    removeStep(host, 'no-watch-unit', `/etc/systemd/system/${watchUnit}`),
    removeStep(host, 'no-watch', watchProgram),
  ];
}

/** Far enough apart that two machines do not begin the same election: 45/256 of an advert interval each. */
export function priorityOf(among: readonly Host[], host: Host): number {
  const step = Math.min(45, Math.floor(240 / among.length));
  return 250 - step * among.indexOf(host);
}

/** The interface that carries the VIP on a host: named, or the one in its subnet. */
export async function vipInterface(cluster: Cluster, options: VrrpOptions, host: Host, read: ReadFact): Promise<string> {
  const named = options.interface ?? host.interface;
  if (named !== undefined) return named;
  const found = await read(host, interfaceFor(cluster.endpoint.address));
  if (found === undefined) {
    throw new Failure('PREFLIGHT', `no interface of ${host.name} is in the subnet of the VIP ${cluster.endpoint.address}`, {
      host: host.name,
      remedy: 'choose a VIP in the subnet of these machines, or name the interface: spec.scheme.interface',
    });
  }
  return found.interface;
}

async function routerId({ cluster, options, among, read }: VipInput): Promise<number> {
  const instances = await Promise.all(among.map((host) => read(host, keepalivedInstances)));
  const existing = existingVirtualRouterId(instances.flat(), cluster.endpoint.address);
  const wish = { address: cluster.endpoint.address, chosen: options.virtualRouterId, own: among };
  const [listener] = among;
  if (existing !== undefined || options.virtualRouterId !== undefined || listener === undefined) {
    return freeVirtualRouterId(wish, [], existing);
  }
  return freeVirtualRouterId(wish, (await read(listener, vrrpSeen(listener.internalAddress))) ?? []);
}
