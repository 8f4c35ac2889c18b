/** Where the parts of an external etcd lie on machines: apart from kubeadm's own, whose reset and checks would take them for its. */

import type { EtcdAccess } from '../model/etcd-topology.ts';

/** The system user that members run as. */
export const etcdUser = 'trivet-etcd';

export const etcdUnit = 'trivet-etcd.service';

/** Not /var/lib/etcd: kubeadm takes that for a stacked member's. */
export const etcdDataDirectory = '/var/lib/trivet-etcd';

export const etcdConfigPath = '/etc/trivet/etcd/etcd.yaml';

/** kubeadm's configuration for the certificates. */
export const etcdKubeadmPath = '/etc/trivet/etcd/kubeadm.yaml';

/** kubeadm's certificatesDir for them; it puts etcd's own in etcd/ below. */
export const etcdPki = '/etc/trivet/pki';

/** The pair by which apiservers ask, where kubeadm makes it. */
export const madeClientCertificate = `${etcdPki}/apiserver-etcd-client.crt`;
export const madeClientKey = `${etcdPki}/apiserver-etcd-client.key`;

/** On masters, in a directory of its own: kubeadm mounts the whole of it into the apiserver's pod. */
export const etcdClientDirectory = '/etc/trivet/etcd-client';

/** The masters' way to an external etcd. */
export function clientAccess(endpoints: readonly string[]): EtcdAccess {
  return {
    endpoints,
    caFile: `${etcdClientDirectory}/ca.crt`,
    certFile: `${etcdClientDirectory}/client.crt`,
    keyFile: `${etcdClientDirectory}/client.key`,
  };
}

/** On a member's own machine. */
export function memberAccess(endpoints: readonly string[]): EtcdAccess {
  return {
    endpoints,
    caFile: `${etcdPki}/etcd/ca.crt`,
    certFile: `${etcdPki}/etcd/healthcheck-client.crt`,
    keyFile: `${etcdPki}/etcd/healthcheck-client.key`,
  };
}
