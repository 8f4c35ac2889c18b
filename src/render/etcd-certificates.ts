/** How kubeadm makes the certificates of an external etcd on a member's machine, as its own guide has it. */

import { stringify } from 'yaml';
import type { ClusterSpec, JsonObject } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { etcdDataDirectory, etcdKubeadmPath, etcdPki, etcdUser, madeClientCertificate, madeClientKey } from './etcd-paths.ts';

/** What `kubeadm init phase certs etcd-… --config` reads. The user's own validity and key algorithm hold here too. */
export function etcdCertificateDocuments(cluster: ClusterSpec, host: Host): string {
  const names = [host.name, host.internalAddress];
  const init: JsonObject = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'InitConfiguration',
    nodeRegistration: { name: host.name, criSocket: 'unix:///run/containerd/containerd.sock' },
    localAPIEndpoint: { advertiseAddress: host.internalAddress },
  };
  const theirs = Object.entries(cluster.kubernetes.kubeadm.cluster).filter(([key]) => choices.includes(key));
  const certificates: JsonObject = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName: cluster.name,
    kubernetesVersion: cluster.kubernetes.version,
    certificatesDir: etcdPki,
    etcd: { local: { dataDir: etcdDataDirectory, serverCertSANs: names, peerCertSANs: [...names] } },
    ...Object.fromEntries(theirs),
  };
  return [init, certificates].map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

const choices = ['certificateValidityPeriod', 'caCertificateValidityPeriod', 'encryptionAlgorithm'];

/** A key without its certificate is of a run that was killed between the two; kubeadm would stumble over it. */
const kubeadm = (phase: string, file: string) =>
  `[ -s ${file}.crt ] || rm -f ${file}.key ${file}.crt\nkubeadm init phase certs ${phase} --config ${etcdKubeadmPath}`;

const authority = `${etcdPki}/etcd/ca`;

export const makeAuthorityScript = `
umask 022
${kubeadm('etcd-ca', authority)}
sync ${authority}.crt ${authority}.key
`;

export const hasAuthority = `test -s ${authority}.crt && test -s ${authority}.key`;

const leaf = (name: string) => `${etcdPki}/etcd/${name}`;

/** The health check's last: when it is there, so is everything, with its owner. */
export function makeCertificatesScript(forClients: boolean): string {
  return `
umask 022
${kubeadm('etcd-server', leaf('server'))}
${kubeadm('etcd-peer', leaf('peer'))}
${forClients ? kubeadm('apiserver-etcd-client', `${etcdPki}/apiserver-etcd-client`) : ''}
chmod 755 ${etcdPki} ${etcdPki}/etcd
chown ${etcdUser}:${etcdUser} ${leaf('server')}.key ${leaf('peer')}.key
${kubeadm('etcd-healthcheck-client', leaf('healthcheck-client'))}
sync ${etcdPki}/etcd/*
`;
}

export function hasCertificates(forClients: boolean): string {
  const files = ['server', 'peer', 'healthcheck-client'].flatMap((name) => [`${leaf(name)}.crt`, `${leaf(name)}.key`]);
  return [...files, ...(forClients ? [madeClientCertificate, madeClientKey] : [])].map((path) => `test -s ${path}`).join(' && ');
}
