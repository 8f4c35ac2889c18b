/** The pair by which a master's apiserver asks an external etcd. */

import type { EtcdAccess, EtcdCertificates } from '../../model/etcd-topology.ts';
import type { Host } from '../../model/host.ts';
import type { Secret } from '../../model/secret.ts';
import type { Step } from '../../model/step.ts';

/** With the modes that kubeadm gives them when it hands them to a joining master. */
export function clientFileSteps(host: Host, access: EtcdAccess, { ca, certificate, key }: EtcdCertificates): readonly Step[] {
  const file = (id: string, path: string, content: string | Secret, mode: number): Step => ({
    id: `etcd-access/${id}`,
    host: host.name,
    title: `hand over ${path}`,
    action: { kind: 'file', path, content, mode, owner: 'root:root' },
  });
  return [
    file('ca', access.caFile, ca, 0o644),
    file('certificate', access.certFile, certificate, 0o644),
    file('key', access.keyFile, key, 0o600),
  ];
}
