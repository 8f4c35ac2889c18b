/** A ClusterSpec → the commented cluster file that means it: what `trivet init` prints. */

import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { ClusterSpec } from '../model/cluster.ts';
import type { Host, PasswordSource, Ssh } from '../model/host.ts';

/** Where editors find the JSON Schema of the format. */
export const schemaComment = '# yaml-language-server: $schema=';

/** Parsing the text gives the same spec again. `schema`: path or address of the JSON Schema, for editors. */
export function renderClusterFile(spec: ClusterSpec, schema?: string): string {
  const defaults = commonSsh(spec.hosts);
  const sections = [
    section('Kubernetes: the version, and raw kubeadm configuration where this file has no key of its own.', {
      kubernetes: kubernetes(spec),
    }),
    spec.bundle === undefined ? '' : section('Offline bundle: nothing is fetched from the internet.', { bundle: spec.bundle }),
    spec.lab === undefined
      ? ''
      : section('The machines are those of this lab; commands enter its network by themselves.', { lab: spec.lab }),
    section('How to log in. Users other than root need sudo. Hosts may override each key under their own ssh.', {
      ssh: sshToFile(defaults),
    }),
    `  # The machines. name becomes the host name and the node's name. To add one, add a line and run trivet up again;\n` +
      '  # removing a line removes nothing.\n  hosts:\n' +
      spec.hosts.map((host) => renderHost(host, defaults)).join(''),
    section('What every client of the API uses. The domain goes into certificates and each /etc/hosts, so the address can change later.', {
      controlPlaneEndpoint: {
        domain: spec.endpoint.domain,
        address: spec.endpoint.address,
        port: spec.endpoint.port,
        extraSANs: optional(spec.endpoint.extraSans),
      },
    }),
    section('How the endpoint is kept alive. preempt: whether the VIP returns to the first healthy master.', {
      scheme: spec.schemeOptions,
    }),
    section('etcd: one member on each master.', { etcd: { topology: spec.etcdOptions.kind } }),
    section("The cluster's own networks: they must not overlap each other or the machines'.", { network: network(spec) }),
  ];
  const head = [
    ...(schema === undefined ? [] : [`${schemaComment}${schema}`]),
    '# A cluster for trivet. trivet plan -f FILE shows what would be done, trivet up -f FILE does it.',
    stringify({ apiVersion: 'trivet.dev/v1alpha1', kind: 'Cluster', metadata: { name: spec.name } }).trimEnd(),
    'spec:',
  ];
  return `${head.join('\n')}\n${sections.filter((text) => text !== '').join('\n')}`;
}

/** What `trivet init` prints without flags: three masters and a worker, with addresses to replace. */
export function exampleClusterFile(): string {
  const ssh = { user: 'root', port: 22, keyFile: undefined, password: undefined, knownHosts: undefined };
  const host = (name: string, address: string, role: 'master' | 'worker'): Host => {
    return { name, address, internalAddress: address, roles: [role], ssh, labels: {}, taints: [], interface: undefined };
  };
  return renderClusterFile({
    name: 'kubernetes',
    hosts: [
      host('master-1', '192.0.2.11', 'master'),
      host('master-2', '192.0.2.12', 'master'),
      host('master-3', '192.0.2.13', 'master'),
      host('node-1', '192.0.2.21', 'worker'),
    ],
    kubernetes: { version: 'v1.34.4', ignorePreflightErrors: [], kubeadm: { cluster: {}, init: {}, join: {}, kubelet: {}, kubeProxy: {} } },
    endpoint: { domain: 'apiserver.cluster.local', address: '192.0.2.100', port: 6443, extraSans: [] },
    schemeOptions: {
      kind: 'vip-on-masters',
      proxy: 'none',
      preempt: false,
      virtualRouterId: undefined,
      advertSeconds: 0.2,
      interface: undefined,
      multicast: false,
    },
    etcdOptions: { kind: 'stacked' },
    profile: 'standard',
    certificates: 'upload',
    dns: { on: 'masters', as: 'deployment' },
    network: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local', podNetwork: { kind: 'builtin' } },
    bundle: undefined,
    lab: undefined,
  });
}

function section(comment: string, content: object): string {
  return indent(`# ${comment}\n${stringify(content, { lineWidth: 0 })}`, '  ');
}

function indent(text: string, by: string): string {
  return text.replaceAll(/^(?=.)/gm, by);
}

function kubernetes(spec: ClusterSpec) {
  const { version, ignorePreflightErrors, kubeadm } = spec.kubernetes;
  const sections = {
    clusterConfiguration: optional(kubeadm.cluster),
    initConfiguration: optional(kubeadm.init),
    joinConfiguration: optional(kubeadm.join),
    kubeletConfiguration: optional(kubeadm.kubelet),
    kubeProxyConfiguration: optional(kubeadm.kubeProxy),
  };
  const any = Object.values(sections).some((value) => value !== undefined);
  return { version, ignorePreflightErrors: optional(ignorePreflightErrors), kubeadm: any ? sections : undefined };
}

function network(spec: ClusterSpec) {
  const { podSubnet, serviceSubnet, dnsDomain, podNetwork } = spec.network;
  return { podSubnet, serviceSubnet, dnsDomain, cni: podNetwork.kind === 'builtin' ? 'builtin' : { manifest: podNetwork.path } };
}

/** Nothing for what is empty, so that the key is left out. */
function optional<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/** The settings that all hosts share; a key that one of them lacks cannot stand there, since no host can take it away. */
function commonSsh(hosts: readonly Host[]): Partial<Ssh> {
  const [first, ...rest] = hosts.map((host) => host.ssh);
  if (first === undefined) return {};
  const shared = Object.entries(first).filter(([key, value]) =>
    rest.every((ssh) => isDeepStrictEqual(Object.entries(ssh).find(([other]) => other === key)?.[1], value)),
  );
  return Object.fromEntries(shared);
}

function sshToFile(ssh: Partial<Ssh>) {
  return {
    user: ssh.user,
    port: ssh.port,
    keyFile: ssh.keyFile,
    knownHosts: ssh.knownHosts,
    password: ssh.password === undefined ? undefined : passwordToFile(ssh.password),
  };
}

function passwordToFile(password: PasswordSource) {
  if (password.kind === 'environment') return { env: password.variable };
  return password.kind === 'file' ? { file: password.path } : { prompt: true };
}

function renderHost(host: Host, defaults: Partial<Ssh>): string {
  const own = Object.fromEntries(Object.entries(sshToFile(host.ssh)).filter(([key]) => !(key in defaults)));
  const ssh = optional(Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)));
  const content = {
    name: host.name,
    address: host.address,
    internalAddress: host.internalAddress === host.address ? undefined : host.internalAddress,
    roles: host.roles,
    interface: host.interface,
    ssh,
    labels: optional(host.labels),
    taints: optional(host.taints),
  };
  const short = content.ssh === undefined && content.labels === undefined && content.taints === undefined;
  const text = stringify([content], { lineWidth: 0, collectionStyle: short ? 'flow' : 'block' }).trimEnd();
  const line = short ? `- ${text.slice(1, -1).trim()}` : text;
  return `${indent(line, '    ')}\n`;
}
