/** The scheme local-care: trivet care on every node keeps the endpoint's address there, and leads it to healthy apiservers. */

import { type CareBackend, type Cluster, type JsonObject, type LocalCare, nodes } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { Fault, Scheme } from '../../model/scheme.ts';
import type { Step } from '../../model/step.ts';
import { careConfig, careConfigPath, careProgram, careUnitName } from '../../render/care-config.ts';
import { careUnit } from '../../render/care-unit.ts';
import { apiserverPatchPath, bindAddressPatch } from '../../render/kubeadm-patches.ts';
import { fileStep, serviceStep } from '../parts/scheme-steps.ts';

export function localCare({ backend }: LocalCare): Scheme<LocalCare> {
  const userspace = backend === 'proxy';
  return {
    name: 'local-care',
    variant: `local-care/${backend}`,
    summary: `trivet care on every node keeps an address there that leads to healthy apiservers (${carriedBy[backend]}); no address moves`,
    survives: [...always, ...(userspace ? [] : (['balancer-killed'] as const))],
    costs: [
      'trivet itself on every node, as a small daemon; it finds masters that come and go',
      ...drawbacks[backend],
      'clients outside the cluster choose a master themselves: a context each in the kubeconfig',
    ],
    packages: (cluster, host) => (nodes(cluster).includes(host) ? packagesOf[backend] : []),
    certificateNames: () => [],
    ports: (cluster, host) => (userspace && nodes(cluster).includes(host) ? [{ port: cluster.endpoint.port, of: 'trivet care' }] : []),
    // In the kernel nobody listens; otherwise port 6443 of the endpoint's address is the daemon's.
    apiserverBindAddress: (host) => (userspace ? host.internalAddress : undefined),
    apiserverArguments: gracefulShutdown,
    manifests: discoveryAccess,
    nodeLocal: true,
    whereToLook: 'on that machine: trivet care status; journalctl -u trivet-care -n 50',
    vipHosts: () => [],
    hosts: nodes,
    plan: async ({ cluster, host }) => [
      ...(userspace && host.roles.includes('master')
        ? [fileStep(host, 'apiserver-patch', apiserverPatchPath, bindAddressPatch(host.internalAddress), {})]
        : []),
      programStep(cluster, host),
      fileStep(host, 'care-config', careConfigPath, careConfig(cluster, host, backend), { restarts: careUnitName }),
      fileStep(
        host,
        'care-unit',
        `/etc/systemd/system/${careUnitName}`,
        careUnit({ backend, arguments: ['--config', careConfigPath], program: careProgram }),
        {
          restarts: careUnitName,
        },
      ),
      serviceStep(host, careUnitName, `keep ${cluster.endpoint.address} pointing at healthy apiservers`),
    ],
  };
}

const always: readonly Fault[] = ['machine-power-off', 'apiserver-killed', 'apiserver-frozen', 'kubelet-killed', 'machine-isolated'];

const carriedBy: Readonly<Record<CareBackend, string>> = { nft: 'by nftables', ipvs: 'by IPVS', proxy: 'by itself' };

const drawbacks: Readonly<Record<CareBackend, readonly string[]>> = {
  nft: [],
  ipvs: ['a kernel with ip_vs, which containers have from their host; kube-proxy itself may not be in its IPVS mode'],
  proxy: ['the daemon’s death cuts off its own node until systemd has started it again', 'each byte passes through a program'],
};

const packagesOf: Readonly<Record<CareBackend, readonly string[]>> = {
  nft: ['nftables', 'conntrack', 'iproute2'],
  ipvs: ['nftables', 'conntrack', 'iproute2', 'ipvsadm'],
  proxy: ['nftables', 'iproute2'],
};

/**
 * An apiserver that is shut down says so by /readyz for this long before it takes no more connections: the daemons look once a
 * second, and lead nobody there any more. Until the last of its requests is answered, late ones are told to come again. All of it
 * within the 30 s that the kubelet gives a static pod.
 */
const gracefulShutdown = [
  { name: 'shutdown-delay-duration', value: '5s' },
  { name: 'shutdown-send-retry-after', value: 'true' },
] as const;

/** By its kubelet's own credentials, which renew themselves, each node may read the one list that names all apiservers. */
const discoveryAccess: readonly JsonObject[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { namespace: 'default', name: 'trivet:care' },
    rules: [
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], resourceNames: ['kubernetes'], verbs: ['get', 'list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace: 'default', name: 'trivet:care' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'trivet:care' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
  },
];

/** The same program as on the operator's machine; another version of it restarts the daemon, whose rules stay meanwhile. */
function programStep({ careExecutable }: Cluster, host: Host): Step {
  if (careExecutable === undefined) throw new Failure('INTERNAL', 'the executable for trivet care was not looked for');
  const { path: source, sha256, bytes } = careExecutable;
  return {
    id: 'endpoint/care-program',
    host: host.name,
    title: `upload ${careProgram} (${Math.round(bytes / 1e6)} MB)`,
    action: { kind: 'upload', source, path: careProgram, sha256, bytes, mode: 0o755, restarts: careUnitName },
  };
}
