/** A ClusterSpec → the commented cluster file that means it: what `trivet init` prints. */

import { stringify } from 'yaml';
import type { ClusterSpec } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { drillComment, endpointComment, etcdComment, schemeComment } from './cluster-file-comments.ts';
import { commonSsh, indent, optional, renderHost, sshToFile } from './render-host.ts';
import { careAddress, defaultAdvertSeconds, defaultServiceSubnet } from './scheme-options.ts';

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
      '  # removing a line removes nothing. Roles: master, worker (or both on one machine), etcd for external etcd, lb for external-pair.\n' +
      '  hosts:\n' +
      spec.hosts.map((host) => renderHost(host, defaults)).join(''),
    section(
      `What every client of the API uses. The domain goes into certificates and each /etc/hosts, so the address can change later.
${endpointComment[spec.schemeOptions.kind]}`,
      {
        controlPlaneEndpoint: {
          domain: spec.endpoint.domain,
          address: spec.endpoint.address,
          port: spec.endpoint.port,
          extraSANs: optional(spec.endpoint.extraSans),
        },
      },
    ),
    section(schemeComment(spec.schemeOptions), { scheme: scheme(spec) }),
    section(etcdComment[spec.etcdOptions.kind], { etcd: etcd(spec.etcdOptions) }),
    section('standard; or good-lan: faster adverts and etcd timing, for machines on one quiet network with fast disks.', {
      profile: spec.profile,
    }),
    section("How joining masters get the cluster's keys: upload (through an encrypted Secret) or copy (over SSH).", {
      certificates: spec.certificates,
    }),
    section("The cluster's DNS servers: on masters, workers or all; as a deployment, or as a daemonset with one on each.", {
      dns: spec.dns,
    }),
    section("The cluster's own networks: they must not overlap each other or the machines'.", { network: network(spec) }),
    section(drillComment, { drill: { budgets: spec.drillBudgets } }),
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
    endpoint: { domain: 'apiserver.cluster.local', address: careAddress, port: 6443, extraSans: [] },
    schemeOptions: { kind: 'local-care', backend: 'nft' },
    etcdOptions: { kind: 'stacked' },
    profile: 'standard',
    certificates: 'upload',
    dns: { on: 'masters', as: 'deployment' },
    network: {
      podSubnet: '10.244.0.0/16',
      serviceSubnet: defaultServiceSubnet('local-care'),
      dnsDomain: 'cluster.local',
      podNetwork: { kind: 'builtin' },
    },
    bundle: undefined,
    lab: undefined,
    drillBudgets: {},
  });
}

function section(comment: string, content: object): string {
  return indent(`${comment.replaceAll(/^/gm, '# ')}\n${stringify(content, { lineWidth: 0 })}`, '  ');
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

function etcd(options: ClusterSpec['etcdOptions']) {
  if (options.kind === 'stacked') return { topology: 'stacked' };
  if (options.kind === 'hosted') return { topology: 'external' };
  const { kind: _, ...rest } = options;
  return { topology: 'external', ...rest };
}

/** Without the interval that the profile gives, so that another profile changes it. */
function scheme({ schemeOptions, profile }: ClusterSpec) {
  if (!('advertSeconds' in schemeOptions) || schemeOptions.advertSeconds !== defaultAdvertSeconds(profile)) return schemeOptions;
  const { advertSeconds: _, ...rest } = schemeOptions;
  return rest;
}
