/** Labels and taints of the nodes as declared. What the file no longer says stays: nothing is removed but a master's own taint. */

import type { ClusterNode } from '../facts/cluster-nodes.ts';
import { type Cluster, nodes } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import type { Step } from '../model/step.ts';
import { workerLabel } from '../render/dns.ts';

const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];

/** kubeadm's: keeps pods of users away from masters. */
const masterTaint = 'node-role.kubernetes.io/control-plane:NoSchedule';

/** `known`: the nodes as the cluster has them; none in a dry run of a new one. Commands run on `on`. */
export function labelSteps(on: Host, cluster: Cluster, known: readonly ClusterNode[]): readonly Step[] {
  const have = new Map(known.map((node) => [node.name, node.labels]));
  const workers = nodes(cluster).filter((host) => host.roles.includes('worker') && have.get(host.name)?.[workerLabel] !== '');
  const declared = nodes(cluster).map((host) => {
    const missing = Object.entries(host.labels).filter(([key, value]) => have.get(host.name)?.[key] !== value);
    return { id: host.name, title: `label ${host.name}`, names: [host.name], labels: missing.map(([key, value]) => `${key}=${value}`) };
  });
  // A kubelet may not give itself this one.
  const role = { id: 'workers', title: 'show the role of workers', names: workers.map((host) => host.name), labels: [`${workerLabel}=`] };
  return [role, ...declared].flatMap(({ id, title, names, labels }): readonly Step[] =>
    names.length === 0 || labels.length === 0
      ? []
      : [
          {
            id: `finish/label-${id}`,
            host: on.name,
            title: `${title}: ${labels.join(', ')}`,
            action: {
              kind: 'command',
              argv: [...kubectl, 'label', '--overwrite', 'nodes', ...names, ...labels],
              check: ['sh', '-c', labelled, 'labelled', labels.join(','), ...names],
              timeoutSeconds: 60,
            },
          },
        ],
  );
}

const labelled = `have=$(kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -l "$1" -o name) || exit 1
shift; for n do printf '%s\\n' "$have" | grep -qxF -- "node/$n" || exit 1; done`;

/** A master that is a worker too has no taint of its own. What the user's own kubeadm configuration says about taints is left to kubeadm. */
export function taintSteps(on: Host, cluster: Cluster, known: readonly ClusterNode[]): readonly Step[] {
  return nodes(cluster).flatMap((host) => {
    const node = known.find((candidate) => candidate.name === host.name);
    const wanted = host.taints.map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`);
    const missing = wanted.filter((taint) => !node?.taints.includes(taint)).map((taint) => taintStep(on, host, taint, true));
    if (node === undefined || !host.roles.includes('master') || wanted.includes(masterTaint) || hasOwnTaints(cluster)) return missing;
    const declared = !host.roles.includes('worker');
    return node.taints.includes(masterTaint) === declared ? missing : [...missing, taintStep(on, host, masterTaint, declared)];
  });
}

function hasOwnTaints({ kubernetes: { kubeadm } }: Cluster): boolean {
  return [kubeadm.init, kubeadm.join].some(
    ({ nodeRegistration: registration }) => typeof registration === 'object' && registration !== null && 'taints' in registration,
  );
}

function taintStep(on: Host, host: Host, taint: string, wanted: boolean): Step {
  return {
    id: `finish/${wanted ? 'taint' : 'untaint'}-${host.name}-${taint}`,
    host: on.name,
    title: wanted ? `taint ${host.name} with ${taint}` : `take the taint ${taint} from ${host.name}`,
    action: {
      kind: 'command',
      argv: wanted ? [...kubectl, 'taint', '--overwrite', 'node', host.name, taint] : [...kubectl, 'taint', 'node', host.name, `${taint}-`],
      check: ['sh', '-c', tainted, wanted ? 'tainted' : 'untainted', host.name, taint],
      timeoutSeconds: 60,
    },
  };
}

const tainted = `have=$(kubectl --kubeconfig /etc/kubernetes/admin.conf get node "$1" -o 'jsonpath={range .spec.taints[*]}{.key}{"="}{.value}{":"}{.effect}{"\\n"}{end}') || exit 1
if printf '%s\\n' "$have" | sed 's/=:/:/' | grep -qxF -- "$2"; then test "$0" = tainted; else test "$0" = untainted; fi`;
