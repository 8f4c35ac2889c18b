/** The cluster file's content → ClusterSpec: paths absolute, SSH settings merged, short forms spelled out. */

import { isAbsolute, join, resolve } from 'node:path';
import type { ClusterSpec, EtcdOptions, PodNetwork, SchemeOptions } from '../model/cluster.ts';
import { readBudgetValue } from '../model/drill-budgets.ts';
import type { Host, PasswordSource, Ssh } from '../model/host.ts';
import type { ClusterFile } from './cluster-schema.ts';
import { careAddress, defaultPort, defaultScheme, defaultServiceSubnet, toSchemeOptions } from './scheme-options.ts';

type FileHost = ClusterFile['spec']['hosts'][number];
type FileSsh = NonNullable<FileHost['ssh']>;
type FilePassword = NonNullable<FileSsh['password']>;

export interface PathContext {
  /** Relative paths start here: the cluster file's directory. */
  readonly directory: string;
  /** What ~ stands for. */
  readonly home: string;
}

export function toClusterSpec(file: ClusterFile, context: PathContext): ClusterSpec {
  const { spec } = file;
  const path = (text: string) => absolutePath(text, context);
  const hosts = spec.hosts.map((host) => toHost(host, spec.ssh ?? {}, path));
  const { kubeadm } = spec.kubernetes;
  const schemeOptions = toSchemeOptions(spec.scheme ?? defaultScheme(spec.controlPlaneEndpoint.address !== undefined), spec.profile);
  return {
    name: file.metadata.name,
    hosts,
    kubernetes: {
      version: spec.kubernetes.version,
      ignorePreflightErrors: spec.kubernetes.ignorePreflightErrors,
      kubeadm: {
        cluster: kubeadm.clusterConfiguration,
        init: kubeadm.initConfiguration,
        join: kubeadm.joinConfiguration,
        kubelet: kubeadm.kubeletConfiguration,
        kubeProxy: kubeadm.kubeProxyConfiguration,
      },
    },
    endpoint: {
      domain: spec.controlPlaneEndpoint.domain,
      address: spec.controlPlaneEndpoint.address ?? defaultAddress(schemeOptions, hosts),
      port: spec.controlPlaneEndpoint.port ?? defaultPort(schemeOptions),
      extraSans: spec.controlPlaneEndpoint.extraSANs,
    },
    schemeOptions,
    etcdOptions: toEtcd(spec.etcd, path),
    profile: spec.profile,
    certificates: spec.certificates,
    dns: spec.dns,
    network: {
      podSubnet: spec.network.podSubnet,
      serviceSubnet: spec.network.serviceSubnet ?? defaultServiceSubnet(schemeOptions.kind),
      dnsDomain: spec.network.dnsDomain,
      podNetwork: toPodNetwork(spec.network.cni, path),
    },
    bundle: spec.bundle === undefined ? undefined : path(spec.bundle),
    lab: spec.lab,
    drillBudgets: toBudgets(spec.drill.budgets),
  };
}

/** `~/x` from home, anything else from the file's directory. */
export function absolutePath(text: string, context: PathContext): string {
  if (text === '~' || text.startsWith('~/')) return join(context.home, text.slice(1));
  return isAbsolute(text) ? text : resolve(context.directory, text);
}

function defaultAddress({ kind }: SchemeOptions, hosts: readonly Host[]): string {
  if (kind === 'local-care') return careAddress;
  return kind === 'local-proxy' ? '127.0.0.1' : firstMaster(hosts);
}

function firstMaster(hosts: readonly Host[]): string {
  return hosts.find((host) => host.roles.includes('master'))?.internalAddress ?? '';
}

function toHost(host: FileHost, defaults: FileSsh, path: (text: string) => string): Host {
  return {
    name: host.name,
    address: host.address,
    internalAddress: host.internalAddress ?? host.address,
    roles: host.roles,
    ssh: toSsh({ ...defaults, ...host.ssh }, path),
    labels: host.labels,
    taints: host.taints.map((taint) => ({ key: taint.key, value: taint.value, effect: taint.effect })),
    interface: host.interface,
  };
}

function toSsh(ssh: FileSsh, path: (text: string) => string): Ssh {
  return {
    user: ssh.user ?? 'root',
    port: ssh.port ?? 22,
    keyFile: ssh.keyFile === undefined ? undefined : path(ssh.keyFile),
    password: ssh.password === undefined ? undefined : toPassword(ssh.password, path),
    knownHosts: ssh.knownHosts === undefined ? undefined : path(ssh.knownHosts),
  };
}

function toPassword(password: FilePassword, path: (text: string) => string): PasswordSource {
  if ('env' in password) return { kind: 'environment', variable: password.env };
  if ('file' in password) return { kind: 'file', path: path(password.file) };
  return { kind: 'prompt' };
}

/** With endpoints it is the user's own; the checks before this make sure that the files are named then. */
function toEtcd(etcd: ClusterFile['spec']['etcd'], path: (text: string) => string): EtcdOptions {
  if (typeof etcd === 'string') return { kind: etcd === 'stacked' ? 'stacked' : 'hosted' };
  if (etcd.topology === 'stacked') return { kind: 'stacked' };
  const { endpoints, caFile = '', certFile = '', keyFile = '' } = etcd;
  if (endpoints === undefined) return { kind: 'hosted' };
  return { kind: 'foreign', endpoints, caFile: path(caFile), certFile: path(certFile), keyFile: path(keyFile) };
}

/** The schema let only readable ones through. */
function toBudgets(budgets: ClusterFile['spec']['drill']['budgets']): ClusterSpec['drillBudgets'] {
  return Object.fromEntries(
    Object.entries(budgets).flatMap(([name, value]) => {
      const limit = readBudgetValue(name, value);
      return limit === undefined ? [] : [[name, limit]];
    }),
  );
}

function toPodNetwork(cni: ClusterFile['spec']['network']['cni'], path: (text: string) => string): PodNetwork {
  return cni === 'builtin' ? { kind: 'builtin' } : { kind: 'manifest', path: path(cni.manifest) };
}
