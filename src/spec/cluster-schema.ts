/** The cluster file's shape: every key with its description, its default and what is expected of its value. */

import { z } from 'zod';
import { drill } from './drill-schema.ts';
import { etcd } from './etcd-schema.ts';
import { host, ssh } from './host-schema.ts';
import { address, dnsLabel, domain, list, map, passthrough, path, port, says, subjectName, subnet, text } from './schema-values.ts';
import { scheme } from './scheme-schema.ts';

const dns = z.strictObject(
  {
    on: z
      .enum(['masters', 'workers', 'all'], says('masters, workers or all'))
      .default('masters')
      .describe('Machines that CoreDNS runs on, at most one replica each.'),
    as: z
      .enum(['deployment', 'daemonset'], says('deployment or daemonset'))
      .default('deployment')
      .describe('deployment: some replicas. daemonset: one on each of those machines.'),
  },
  map(),
);

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
          clusterConfiguration: passthrough(
            'ClusterConfiguration',
            " Your extraEnvs take the place of client-go's timeouts, your etcd.local.extraArgs that of good-lan's timing; trivet warns of it.",
          ),
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
    address: address()
      .optional()
      .describe(
        "The virtual address, or your balancer's. Default: 10.103.97.2 with local-care, 127.0.0.1 with local-proxy, a single master's own.",
      ),
    port: port()
      .optional()
      .describe(
        'Port of the API; default: 6443, or 8443 with a proxy on the masters. vip-on-masters without a proxy and local-proxy have 6443.',
      ),
    extraSANs: z.array(subjectName(), list).default([]).describe("More names and addresses in the apiserver's certificate."),
  },
  map(),
);

const network = z.strictObject(
  {
    podSubnet: subnet().default('10.244.0.0/16').describe('Addresses of pods; each node gets a /24 of it.'),
    serviceSubnet: subnet().optional().describe('Addresses of services. Default: 10.96.0.0/12, or 10.96.0.0/16 with local-care.'),
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
            profile: z
              .enum(['standard', 'good-lan'], says('standard or good-lan'))
              .default('standard')
              .describe('good-lan: faster VRRP adverts and etcd timing, for machines on one quiet network with fast disks.'),
            certificates: z
              .enum(['upload', 'copy'], says('upload or copy'))
              .default('upload')
              .describe("How joining masters get the cluster's keys: upload through an encrypted Secret, copy over SSH."),
            dns: dns.prefault({}).describe("Where the cluster's DNS servers run."),
            network: network.prefault({}).describe('Networks of the cluster.'),
            drill: drill.prefault({}).describe('What drills of this cluster are judged by.'),
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
