/** Phase: the pod network: the built-in one for flat networks, or the user's own manifest. */

import { clusterNodes } from '../facts/cluster-nodes.ts';
import { kubernetesState } from '../facts/kubernetes-state.ts';
import { masters, nodes } from '../model/cluster.ts';
import type { Phase, PlanInput } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { cniConfig, podRoutes, podRoutesProgram } from '../render/pod-network.ts';
import { podRoutesUnit } from '../render/systemd.ts';
import { completedMaster } from './joining.ts';

const routesFile = '/etc/trivet/pod-routes';
const program = '/usr/local/lib/trivet/pod-routes';
const unit = 'trivet-pod-routes.service';

export const podNetwork: Phase = {
  name: 'pod-network',
  summary: 'pods reach pods on every machine',
  usualSeconds: 3,
  order: 'parallel',
  hosts: nodes,
  plan: (input) => (input.cluster.network.podNetwork.kind === 'builtin' ? builtin(input) : manifest(input)),
};

async function builtin({ cluster, host, read }: PlanInput): Promise<readonly Step[]> {
  const ranges = await podRanges({ cluster, host, read });
  const own = ranges.get(host.name) ?? 'known once the node has joined';
  const others = nodes(cluster).flatMap((other) => {
    const podCidr = ranges.get(other.name);
    return other === host || podCidr === undefined ? [] : [{ podCidr, via: other.internalAddress }];
  });
  const file = (id: string, path: string, content: string, mode: number, restarts?: string): Step => ({
    id: `pod-network/${id}`,
    host: host.name,
    title: `write ${path}`,
    action: { kind: 'file', path, content, mode, owner: 'root:root', ...(restarts === undefined ? {} : { restarts }) },
  });
  return [
    file('program', program, podRoutesProgram(routesFile), 0o755, unit),
    file('routes', routesFile, podRoutes(cluster.network.podSubnet, own, others), 0o644, unit),
    file('unit', `/etc/systemd/system/${unit}`, podRoutesUnit(program), 0o644, unit),
    {
      id: 'pod-network/service',
      host: host.name,
      title: 'set the routes now and at every boot',
      action: { kind: 'service', unit, enabled: true, active: true },
    },
    file('cni', '/etc/cni/net.d/10-trivet.conflist', cniConfig(own), 0o644, 'kubelet.service'),
    // Once, when the network is new: a kubelet that is told nothing may take ten seconds and more to see it.
    {
      id: 'pod-network/kubelet',
      host: host.name,
      title: 'the kubelet looks at the network now',
      action: { kind: 'service', unit: 'kubelet.service', enabled: true, active: undefined },
    },
  ];
}

/** Node name → pod range, as the cluster gave them. Empty in a dry run of a new cluster. */
async function podRanges({ cluster, read }: PlanInput): Promise<ReadonlyMap<string, string>> {
  const master = await completedMaster(cluster, read);
  if (master === undefined) return new Map();
  const joined = await Promise.all(nodes(cluster).map(async (host) => ((await read(host, kubernetesState)).completed ? [host.name] : [])));
  const known = await read(master, clusterNodes(joined.flat()));
  return new Map(known.flatMap((node) => (node.podCidr === undefined ? [] : [[node.name, node.podCidr] as const])));
}

async function manifest({ cluster, host, read }: PlanInput): Promise<readonly Step[]> {
  if (cluster.podNetworkManifest === undefined) return [];
  const applier = (await completedMaster(cluster, read)) ?? masters(cluster)[0];
  if (host !== applier) return [];
  const path = '/var/lib/trivet/cni.yaml';
  return [
    {
      id: 'pod-network/manifest',
      host: host.name,
      title: `write ${path}`,
      action: { kind: 'file', path, content: cluster.podNetworkManifest, mode: 0o644, owner: 'root:root' },
    },
    {
      id: 'pod-network/apply',
      host: host.name,
      title: 'apply the pod network’s manifest',
      action: {
        kind: 'command',
        argv: ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', 'apply', '-f', path],
        check: ['sh', '-c', `kubectl --kubeconfig /etc/kubernetes/admin.conf diff -f ${path} > /dev/null 2>&1`],
        timeoutSeconds: 120,
        hint: 'are the manifest’s images in the bundle, or reachable from the machines?',
      },
    },
  ];
}
