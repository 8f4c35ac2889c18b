/** What clusters, this one or another, have left on a machine. */

import type { Fact } from '../../model/fact.ts';
import { receiptDirectory, receiptPath } from '../../model/receipt.ts';
import { lines, readSections, sections } from './sections.ts';

/** Holds the name of the cluster that trivet made the machine a part of; written before anything else. */
export const clusterNamePath = `${receiptDirectory}/cluster`;

export interface ClusterTraces {
  readonly hasReceipt: boolean;
  /** undefined: trivet never worked here, or was reset. */
  readonly clusterName: string | undefined;
  /** Files of a Kubernetes: kubeconfigs, static pods, etcd's data, the kubelet's configuration. */
  readonly kubernetes: readonly string[];
  /** Configuration files of a pod network. */
  readonly cni: readonly string[];
  /** SHA-256 of the file with the cluster's CA certificate. */
  readonly caSha256: string | undefined;
  /** The apiserver that the kubelet talks to. */
  readonly kubeletServer: string | undefined;
}

export const clusterTraces: Fact<ClusterTraces> = {
  name: 'cluster-traces',
  argv: sections({
    receipt: `ls -d ${receiptPath}`,
    cluster: `cat ${clusterNamePath}`,
    kubernetes:
      'ls -d /etc/kubernetes/*.conf /etc/kubernetes/manifests/*.yaml /var/lib/etcd/member /var/lib/kubelet/config.yaml /var/lib/trivet-etcd/member /etc/trivet/etcd-client/client.key',
    cni: 'ls -d /etc/cni/net.d/*.conf /etc/cni/net.d/*.conflist /etc/cni/net.d/*.json',
    ca: 'sha256sum /etc/kubernetes/pki/ca.crt',
    server: "grep -m 1 'server:' /etc/kubernetes/kubelet.conf",
  }),
  parse: ({ stdout }) => {
    const section = readSections(stdout);
    return {
      hasReceipt: section('receipt') !== '',
      clusterName: section('cluster') || undefined,
      kubernetes: lines(section('kubernetes')),
      cni: lines(section('cni')),
      caSha256: /^[0-9a-f]{64}/.exec(section('ca'))?.[0],
      kubeletServer: /server:\s*(\S+)/.exec(section('server'))?.[1],
    };
  },
};
