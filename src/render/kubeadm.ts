/** kubeadm's v1beta4 documents, as YAML. The user's own configuration is merged over ours. */

import { stringify } from 'yaml';
import type { Cluster, Json, JsonObject } from '../model/cluster.ts';
import { masters } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { clientGoTimeouts } from './client-go-timeouts.ts';
import { patchesDirectory } from './kubeadm-patches.ts';

const api = 'kubeadm.k8s.io/v1beta4';

export interface Surroundings {
  /** Some machine has cgroup v1: the kubelet must be told that this is meant. */
  readonly cgroupV1: boolean;
  /** Some machine is a container: kube-proxy may not size the kernel's connection table there. */
  readonly insideContainer: boolean;
}

/** What `kubeadm init --config` reads. */
export function initDocuments(cluster: Cluster, host: Host, surroundings: Surroundings): string {
  return documents([
    initConfiguration(cluster, host),
    clusterConfiguration(cluster),
    kubeletConfiguration(cluster, surroundings),
    kubeProxyConfiguration(cluster, surroundings),
  ]);
}

/** What `kubeadm init phase upload-certs --config` reads; the key's place is left open as @KEY@. */
export function uploadCertsDocuments(cluster: Cluster): string {
  return documents([{ apiVersion: api, kind: 'InitConfiguration', certificateKey: '@KEY@' }, clusterConfiguration(cluster)]);
}

export interface JoinInput {
  readonly cluster: Cluster;
  readonly host: Host;
  /** How the machine finds and trusts the cluster: discoveryByFile, or what kubeadm offers besides. */
  readonly discovery: JsonObject;
  /** For masters whose certificates come through the cluster's Secret; undefined: they are there already, or it is a worker. */
  readonly certificateKey: string | undefined;
}

/** What `kubeadm join --config` reads. Secret. */
export function joinDocuments({ cluster, host, discovery, certificateKey }: JoinInput): string {
  const ours: JsonObject = {
    apiVersion: api,
    kind: 'JoinConfiguration',
    discovery,
    nodeRegistration: registration(cluster, host),
    timeouts: { etcdAPICall: '5m0s' },
    ...(host.roles.includes('master')
      ? {
          controlPlane: {
            localAPIEndpoint: { advertiseAddress: host.internalAddress, bindPort: 6443 },
            ...(certificateKey === undefined ? {} : { certificateKey }),
          },
        }
      : {}),
    ...patches(cluster, host),
  };
  return documents([allowBalancer(merge(ours, cluster.kubernetes.kubeadm.join), cluster, host)]);
}

/**
 * By a file with the cluster's CA, which came over a verified connection. Discovery by token and hash waits for a controller
 * to sign the token, and kubeadm looks for that only every five seconds.
 */
export function discoveryByFile(path: string, token: string): JsonObject {
  return { file: { kubeConfigPath: path }, tlsBootstrapToken: token };
}

/** The file of discoveryByFile: a kubeconfig without credentials. */
export function discoveryKubeconfig(cluster: Cluster, caCertificate: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster.name,
        cluster: { server: `https://${endpointOf(cluster)}`, 'certificate-authority-data': Buffer.from(caCertificate).toString('base64') },
      },
    ],
    // kubeadm wants a user to be named; the token is the join's own.
    contexts: [{ name: cluster.name, context: { cluster: cluster.name, user: 'joining' } }],
    users: [{ name: 'joining', user: {} }],
    'current-context': cluster.name,
  });
}

function initConfiguration(cluster: Cluster, host: Host): JsonObject {
  const ours = {
    apiVersion: api,
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress: host.internalAddress, bindPort: 6443 },
    nodeRegistration: registration(cluster, host),
    ...patches(cluster, host),
  };
  return allowBalancer(merge(ours, cluster.kubernetes.kubeadm.init), cluster, host);
}

function clusterConfiguration(cluster: Cluster): JsonObject {
  const names = [
    cluster.endpoint.domain,
    cluster.endpoint.address,
    ...cluster.scheme.certificateNames(cluster),
    ...masters(cluster).flatMap((master) => [master.name, master.address, master.internalAddress]),
    'localhost',
    '127.0.0.1',
    ...cluster.endpoint.extraSans,
  ];
  return merge(
    {
      apiVersion: api,
      kind: 'ClusterConfiguration',
      clusterName: cluster.name,
      kubernetesVersion: cluster.kubernetes.version,
      controlPlaneEndpoint: endpointOf(cluster),
      networking: {
        podSubnet: cluster.network.podSubnet,
        serviceSubnet: cluster.network.serviceSubnet,
        dnsDomain: cluster.network.dnsDomain,
      },
      apiServer: { certSANs: [...new Set(names)], ...extraArgs(cluster), extraEnvs: timeouts },
      controllerManager: { extraEnvs: timeouts },
      scheduler: { extraEnvs: timeouts },
      etcd: cluster.etcd.kubeadmEtcd(cluster),
    },
    cluster.kubernetes.kubeadm.cluster,
  );
}

function kubeletConfiguration(cluster: Cluster, { cgroupV1 }: Surroundings): JsonObject {
  return merge(
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'systemd',
      ...(cgroupV1 ? { failCgroupV1: false } : {}),
    },
    cluster.kubernetes.kubeadm.kubelet,
  );
}

function kubeProxyConfiguration(cluster: Cluster, { insideContainer }: Surroundings): JsonObject {
  return merge(
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      ...(insideContainer ? { conntrack: { maxPerCore: 0, min: 0 } } : {}),
    },
    cluster.kubernetes.kubeadm.kubeProxy,
  );
}

function registration(cluster: Cluster, host: Host): JsonObject {
  return {
    name: host.name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    // The images come from the bundle or from the user's mirror through containerd; kubeadm need not fetch them.
    imagePullPolicy: 'IfNotPresent',
    // Named, so that the VIP is never taken for the node's own address.
    kubeletExtraArgs: [{ name: 'node-ip', value: host.internalAddress }],
    ignorePreflightErrors: [...cluster.kubernetes.ignorePreflightErrors],
    // A master that is a worker too takes any pod.
    ...(host.roles.includes('master') && host.roles.includes('worker') ? { taints: [] } : {}),
  };
}

/** Where the scheme's own balancer listens, kubeadm's look at the port finds it: also when the user gave a list of their own. */
function allowBalancer(configuration: JsonObject, cluster: Cluster, host: Host): JsonObject {
  if (!cluster.scheme.ports(cluster, host).some(({ port }) => port === 6443)) return configuration;
  const { nodeRegistration } = configuration;
  const given = isObject(nodeRegistration) ? nodeRegistration.ignorePreflightErrors : undefined;
  const ignored = new Set([...(Array.isArray(given) ? given : []), 'Port-6443']);
  return merge(configuration, { nodeRegistration: { ignorePreflightErrors: [...ignored] } });
}

const timeouts: readonly JsonObject[] = clientGoTimeouts.map(({ name, value }) => ({ name, value }));

function extraArgs({ scheme: { apiserverArguments = [] } }: Cluster): JsonObject {
  return apiserverArguments.length === 0 ? {} : { extraArgs: apiserverArguments.map(({ name, value }) => ({ name, value })) };
}

/** Kept on the machine: kubeadm upgrade takes them from there again. */
function patches(cluster: Cluster, host: Host): JsonObject {
  const bound = host.roles.includes('master') && cluster.scheme.apiserverBindAddress(host) !== undefined;
  return bound ? { patches: { directory: patchesDirectory } } : {};
}

function endpointOf(cluster: Cluster): string {
  return `${cluster.endpoint.domain}:${cluster.endpoint.port}`;
}

function documents(list: readonly JsonObject[]): string {
  return list.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}

/** Keys of `over` win, objects are merged, lists and scalars replaced. */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isObject(below) && isObject(value) ? merge(below, value) : value;
  }
  return merged;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
