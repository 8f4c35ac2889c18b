/** The cluster file's shape: every key with its description, its default and what is expected of its value. */

import { z } from 'zod';
import { host, ssh } from './host-schema.ts';
import {
  address,
  dnsLabel,
  domain,
  flag,
  integer,
  interfaceName,
  list,
  map,
  passthrough,
  path,
  port,
  says,
  subjectName,
  subnet,
  text,
} from './schema-values.ts';

const vipOnMasters = z.strictObject({
  kind: z.literal('vip-on-masters', says('vip-on-masters')).describe('A virtual address that keepalived moves among the masters.'),
  preempt: flag().default(false).describe('false: the VIP stays where a failure moved it. true: it returns to the first healthy master.'),
  virtualRouterId: integer('a VRRP router id, 1–255', 1, 255).optional().describe('VRRP virtual router id; default: one seen to be free.'),
  advertSeconds: z
    .number(says('seconds, 0.01–40.95'))
    .min(0.01, says('seconds, 0.01–40.95'))
    .max(40.95, says('seconds, 0.01–40.95'))
    .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6, says('hundredths of a second, such as 0.2'))
    .default(0.2)
    .describe('Seconds between VRRP adverts; a dead holder is noticed after about three of them.'),
  interface: interfaceName().optional().describe("Interface that carries the VIP; default: that of the host's internalAddress."),
});
const schemeText = 'vip-on-masters, or {kind: vip-on-masters, …}';
const scheme = z
  .union([z.literal('vip-on-masters'), vipOnMasters], says(schemeText))
  .default('vip-on-masters')
  .describe('How the control plane endpoint is kept alive.');

const etcd = z
  .union(
    [z.literal('stacked'), z.strictObject({ topology: z.literal('stacked', says('stacked')).describe('Members on the masters.') })],
    says('stacked'),
  )
  .default('stacked')
  .describe('Where etcd runs: stacked is on the masters.');

const cni = z
  .union(
    [z.literal('builtin'), z.strictObject({ manifest: path().describe('File with the manifests to apply.') })],
    says('builtin, or {manifest: PATH}'),
  )
  .default('builtin')
  .describe('Pod network: builtin routes between machines on one network; or a manifest of your own (Calico, Cilium, …).');

const versionText = 'a version with its v, such as v1.34.4';
const kubernetes = z.strictObject(
  {
    version: text(versionText, /^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/).describe('Kubernetes version, with its v.'),
    containerRuntime: z.literal('containerd', says('containerd')).optional().describe('containerd is the only one.'),
    ignorePreflightErrors: z
      .array(text('a name of a kubeadm check, such as SystemVerification', /^[A-Za-z][\w./:-]*$/), list)
      .default([])
      .describe('Names for kubeadm --ignore-preflight-errors, for what the machines really lack.'),
    kubeadm: z
      .strictObject(
        {
          clusterConfiguration: passthrough('ClusterConfiguration'),
          initConfiguration: passthrough('InitConfiguration'),
          joinConfiguration: passthrough('JoinConfiguration'),
          kubeletConfiguration: passthrough('KubeletConfiguration'),
          kubeProxyConfiguration: passthrough('KubeProxyConfiguration'),
        },
        map(),
      )
      .prefault({})
      .describe('Raw kubeadm configuration, for what this file has no key for.'),
  },
  map(),
);

const controlPlaneEndpoint = z.strictObject(
  {
    domain: domain().default('apiserver.cluster.local').describe('Name of the endpoint in certificates, kubeconfigs and every /etc/hosts.'),
    address: address().optional().describe("The virtual address. May be left out for a single master: it is then that master's own."),
    port: port().default(6443).describe('Port of the API; with vip-on-masters it is 6443.'),
    extraSANs: z.array(subjectName(), list).default([]).describe("More names and addresses in the apiserver's certificate."),
  },
  map(),
);

const network = z.strictObject(
  {
    podSubnet: subnet().default('10.244.0.0/16').describe('Addresses of pods; each node gets a /24 of it.'),
    serviceSubnet: subnet().default('10.96.0.0/12').describe('Addresses of services.'),
    dnsDomain: domain().default('cluster.local').describe("The cluster's DNS domain."),
    cni,
  },
  map(),
);

export const clusterSchema = z
  .strictObject(
    {
      apiVersion: z.literal('trivet.dev/v1alpha1', says('trivet.dev/v1alpha1')).describe('Version of this format.'),
      kind: z.literal('Cluster', says('Cluster')).describe('Kind of this document.'),
      metadata: z.strictObject({ name: dnsLabel().describe("The cluster's name.") }, map('a map with name')).describe('About the cluster.'),
      spec: z
        .strictObject(
          {
            kubernetes: kubernetes.describe('Version and configuration of Kubernetes.'),
            bundle: path().optional().describe('Offline bundle: a directory or a tar, relative to this file.'),
            lab: dnsLabel().optional().describe('Name of the lab whose machines these are.'),
            ssh: ssh('How to log in to the machines; hosts may override each key.'),
            hosts: z.array(host, says('a list of hosts')).min(1, says('at least one host')).describe('The machines.'),
            controlPlaneEndpoint: controlPlaneEndpoint.prefault({}).describe('The address that every client of the API uses.'),
            scheme,
            etcd,
            network: network.prefault({}).describe('Networks of the cluster.'),
          },
          map(),
        )
        .describe('The cluster as it should be.'),
    },
    map('a cluster: a map with apiVersion, kind, metadata and spec'),
  )
  .meta({ title: 'trivet cluster', description: 'A highly available Kubernetes cluster on your own machines (trivet.dev/v1alpha1).' });

/** The file's content with its defaults, before paths are made absolute and hosts get their SSH settings. */
export type ClusterFile = z.output<typeof clusterSchema>;
