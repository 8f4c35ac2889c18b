/** Phase: kubeadm's addons as the file wants them: where DNS runs, how soon they notice a dead apiserver; and what the scheme needs there. */

import { addonWorkloads } from '../facts/addon-workloads.ts';
import type { Cluster } from '../model/cluster.ts';
import { masters } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import type { Phase, PlanInput } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { dnsObject, dnsPatch, dnsReplicas, kubeProxyPatch } from '../render/dns.ts';
import { isPatched } from '../render/strategic-patch.ts';
import { applyStep, availableStep, beginAgainStep, createStep, deleteStep, patchStep } from './addon-steps.ts';
import { founder } from './first-master.ts';
import { completedMaster } from './joining.ts';

/**
 * While the others join: their kube-proxy starts with the right environment, and CoreDNS has not started anywhere yet, so
 * that nothing is restarted in a new cluster.
 */
export const addons: Phase = {
  name: 'addons',
  summary: 'DNS on the machines that the file says, kube-proxy',
  usualSeconds: 3,
  order: 'parallel',
  hosts: masters,
  plan: async (input) => {
    const { cluster, host, read } = input;
    const master = await completedMaster(cluster, read);
    if (host !== (master ?? (await founder(cluster, read)))) return [];
    const { kubeProxy, ...dns } = master === undefined ? asKubeadmMakesThem : await read(master, addonWorkloads);
    const proxy = kubeProxy === undefined || isPatched({ spec: kubeProxy.spec }, kubeProxyPatch) ? [] : [kubeProxyStep(host)];
    return [...proxy, ...dnsSteps(cluster, host, dns), ...schemeSteps(cluster, host)];
  },
};

/** What the endpoint's scheme wants to have in the cluster. */
function schemeSteps({ scheme: { name, manifests = [] } }: Cluster, host: Host): readonly Step[] {
  return manifests.length === 0 ? [] : [applyStep(host, 'addons/scheme', `what ${name} needs in the cluster`, manifests)];
}

type DnsWorkloads = Pick<ReturnType<typeof addonWorkloads.parse>, 'dnsDeployment' | 'dnsDaemonSet'>;

/** In a dry run of a new cluster. */
const asKubeadmMakesThem = { dnsDeployment: { spec: {}, available: 0 }, dnsDaemonSet: undefined, kubeProxy: { spec: {}, available: 0 } };

function kubeProxyStep(host: Host): Step {
  return patchStep(host, 'addons/kube-proxy', 'kube-proxy notices soon that its apiserver is gone', 'daemonset/kube-proxy', kubeProxyPatch);
}

/** Never without DNS: the other kind goes away here only when nothing of it serves; otherwise in dnsHandover(), at the end of up. */
function dnsSteps(cluster: Cluster, host: Host, have: DnsWorkloads): readonly Step[] {
  const { wanted, other, target, otherTarget } = kinds(cluster, have);
  const title = `DNS on ${cluster.dns.on === 'all' ? 'all machines' : cluster.dns.on} as a ${cluster.dns.as}`;
  if (wanted !== undefined) {
    if (isPatched({ spec: wanted.spec }, dnsPatch(cluster))) return [];
    const nothingToLose = wanted.available === 0 && other === undefined && cluster.dns.as === 'deployment';
    return [
      ...(nothingToLose ? [beginAgainStep(host, 'addons/dns-begin', 'end the DNS pods that wait for a machine', target)] : []),
      patchStep(host, 'addons/dns', title, target, dnsPatch(cluster)),
    ];
  }
  if (other === undefined) return [];
  return [
    createStep(host, 'addons/dns', title, target, dnsObject(cluster, other.spec)),
    ...(other.available === 0
      ? [deleteStep(host, 'addons/dns-other', `take away the ${otherTarget}, of which nothing runs`, otherTarget)]
      : []),
  ];
}

/** Once the nodes are Ready: when DNS is there as both kinds, the wanted one takes over and the other one goes. */
export async function dnsHandover({ cluster, host, read }: PlanInput, master: Host | undefined): Promise<readonly Step[]> {
  if (master === undefined) return [];
  const { wanted, other, otherTarget } = kinds(cluster, await read(master, addonWorkloads));
  if (wanted === undefined || other === undefined) return [];
  const pods = dnsReplicas(cluster);
  return [
    availableStep(host, 'finish/dns-serves', `wait until DNS runs as a ${cluster.dns.as} with ${pods} pods`, cluster.dns.as, pods),
    deleteStep(host, 'finish/dns-other', `take away the ${otherTarget}`, otherTarget),
  ];
}

function kinds(cluster: Cluster, { dnsDeployment, dnsDaemonSet }: DnsWorkloads) {
  const deployment = { wanted: dnsDeployment, other: dnsDaemonSet, target: 'deployment/coredns', otherTarget: 'daemonset/coredns' };
  const daemonSet = { wanted: dnsDaemonSet, other: dnsDeployment, target: 'daemonset/coredns', otherTarget: 'deployment/coredns' };
  return cluster.dns.as === 'deployment' ? deployment : daemonSet;
}
