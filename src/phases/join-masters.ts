/** Phase: the other masters, by kubeadm join, phase by phase, so that an interrupted one goes on where it stopped. */

import { certificateKey, clusterCa, joinToken } from '../facts/join-secrets.ts';
import { kubernetesState } from '../facts/kubernetes-state.ts';
import { masters } from '../model/cluster.ts';
import type { Phase } from '../model/phase.ts';
import { Secret } from '../model/secret.ts';
import { uploadCertsDocuments } from '../render/kubeadm.ts';
import { copyCertificates } from './copy-certificates.ts';
import { founder } from './first-master.ts';
import { completedMaster, joinFileSteps, kubeadmJoinPhase, kubeadmJoinRest, kubeadmPreflight, kubeletAgainMark } from './joining.ts';

/**
 * Side by side: certificates, kubelets and images take their time in parallel. Where etcd requires one after another it
 * enforces it itself: it takes one learner at a time, and kubeadm asks again until its turn comes (etcdAPICall).
 */
export const joinMasters: Phase = {
  name: 'join-masters',
  summary: 'the other masters join',
  usualSeconds: 30,
  order: 'parallel',
  hosts: masters,
  plan: async (input) => {
    const { cluster, host, read } = input;
    if ((await read(host, kubernetesState)).completed) return [];
    const master = await completedMaster(cluster, read);
    // A dry run of a new cluster: the founder is planned by its own phase.
    if (master === undefined && host === (await founder(cluster, read))) return [];
    const copied = cluster.certificates === 'copy' ? await copyCertificates(input, master) : undefined;
    const [token, ca, key] =
      master === undefined
        ? []
        : await Promise.all([
            read(master, joinToken),
            read(master, clusterCa),
            ...(copied === undefined ? [read(master, certificateKey(uploadCertsDocuments(cluster)))] : []),
          ]);
    const { open, close } = joinFileSteps('join-masters', {
      cluster,
      host,
      token,
      ca,
      certificateKey: copied === undefined ? (key ?? new Secret('made when needed')) : undefined,
    });
    const phase = (name: string, title: string, check: string) => kubeadmJoinPhase(host, 'join-masters', name, title, check);
    return [
      ...open,
      ...(copied ?? []),
      kubeadmPreflight(host, 'join-masters', copied === undefined ? '/etc/kubernetes/pki/ca.crt' : '/etc/kubernetes/pki/apiserver.crt'),
      phase(
        'control-plane-prepare all',
        'certificates, kubeconfigs and manifests',
        'test -s /etc/kubernetes/manifests/kube-scheduler.yaml',
      ),
      phase('kubelet-start', 'start the kubelet', kubeletStarted),
      // An external etcd has its members already.
      ...(cluster.etcd.name === 'stacked'
        ? [phase('etcd-join', 'join etcd as a learner, then as a voting member', etcdJoined(host.internalAddress))]
        : []),
      {
        id: 'join-masters/serving',
        host: host.name,
        title: 'wait until the apiserver here serves',
        action: {
          kind: 'wait',
          argv: ['sh', '-c', serving(host.internalAddress)],
          everySeconds: 0.3,
          deadlineSeconds: 240,
          hint: joinHint,
        },
      },
      // The kubelet asks its own apiserver for a certificate, with pauses that double while there is none: up to 16 s lost.
      {
        id: 'join-masters/kubelet-again',
        host: host.name,
        title: 'the kubelet asks for its certificate now',
        action: {
          kind: 'command',
          argv: ['sh', '-ec', `systemctl restart kubelet.service; touch ${kubeletAgainMark}`],
          check: ['sh', '-c', `test -s /etc/kubernetes/kubelet.conf || test -e ${kubeletAgainMark}`],
          timeoutSeconds: 60,
          hint: joinHint,
        },
      },
      kubeadmJoinRest(
        host,
        'join-masters',
        ['preflight', 'control-plane-prepare', 'kubelet-start', 'etcd-join'],
        `${kubeletBootstrapped} && ${marked(host.name)}`,
      ),
      { id: 'join-masters/clean-mark', host: host.name, title: 'take away the mark', action: { kind: 'remove', path: kubeletAgainMark } },
      ...close,
    ];
  },
};

export const kubeletStarted =
  'test -s /var/lib/kubelet/kubeadm-flags.env && systemctl -q is-active kubelet && { test -s /etc/kubernetes/kubelet.conf || test -s /etc/kubernetes/bootstrap-kubelet.conf; }';

export const kubeletBootstrapped = 'test -s /etc/kubernetes/kubelet.conf && test ! -e /etc/kubernetes/bootstrap-kubelet.conf';

function etcdJoined(address: string): string {
  return `test -s /etc/kubernetes/manifests/etcd.yaml && etcdctl --command-timeout=3s --endpoints=https://${address}:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key endpoint status -w json | grep -q '"leader"' && etcdctl --command-timeout=3s --endpoints=https://${address}:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key member list | grep -F 'https://${address}:2380' | grep -q ', false$'`;
}

function marked(node: string): string {
  return `kubectl --kubeconfig /etc/kubernetes/admin.conf get node ${node} -o 'jsonpath={.metadata.labels}' | grep -q 'node-role.kubernetes.io/control-plane'`;
}

function serving(address: string): string {
  return `curl -sf -o /dev/null --max-time 3 --cacert /etc/kubernetes/pki/ca.crt https://${address}:6443/readyz`;
}

const joinHint = 'look at the machine: journalctl -u kubelet -n 50; tail /var/log/pods/kube-system_*/*/*.log';
