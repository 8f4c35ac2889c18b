/** The members' user, CA and certificates: kubeadm makes the CA on one machine, and everything else where it is used. */

import { etcdAuthority, hasEtcdAuthority } from '../../facts/etcd-authority.ts';
import { type Cluster, etcdHosts } from '../../model/cluster.ts';
import type { EtcdInput } from '../../model/etcd-topology.ts';
import type { ReadFact } from '../../model/fact.ts';
import type { Host } from '../../model/host.ts';
import { Secret } from '../../model/secret.ts';
import type { Step } from '../../model/step.ts';
import {
  etcdCertificateDocuments,
  hasAuthority,
  hasCertificates,
  makeAuthorityScript,
  makeCertificatesScript,
} from '../../render/etcd-certificates.ts';
import { etcdDataDirectory, etcdKubeadmPath, etcdPki, etcdUser } from '../../render/etcd-paths.ts';

/** The host whose CA counts: the first that has one, else the first of the file. */
export async function authorityHost(cluster: Cluster, read: ReadFact): Promise<Host | undefined> {
  const hosts = etcdHosts(cluster);
  const have = await Promise.all(hosts.map((host) => read(host, hasEtcdAuthority)));
  return hosts.find((_, index) => have[index]) ?? hosts[0];
}

export async function authoritySteps({ cluster, host, read }: EtcdInput): Promise<readonly Step[]> {
  const step = stepOf('etcd-authority', host);
  const own: readonly Step[] = [
    step('user', `make the system user ${etcdUser}`, {
      kind: 'command',
      argv: [
        'useradd',
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        etcdDataDirectory,
        '--shell',
        '/usr/sbin/nologin',
        etcdUser,
      ],
      check: ['getent', 'passwd', etcdUser],
      timeoutSeconds: 60,
    }),
    step('config', `write ${etcdKubeadmPath}`, {
      kind: 'file',
      path: etcdKubeadmPath,
      content: etcdCertificateDocuments(cluster, host),
      mode: 0o644,
      owner: 'root:root',
    }),
  ];
  if ((await authorityHost(cluster, read)) !== host) return own;
  return [
    ...own,
    step('make', 'make etcd’s CA', {
      kind: 'command',
      argv: ['sh', '-ec', makeAuthorityScript],
      check: ['sh', '-c', hasAuthority],
      timeoutSeconds: 120,
      hint: `kubeadm init phase certs etcd-ca --config ${etcdKubeadmPath} tells what it lacks`,
    }),
  ];
}

export async function certificateSteps({ cluster, host, read }: EtcdInput): Promise<readonly Step[]> {
  const step = stepOf('etcd-certificates', host);
  const from = await authorityHost(cluster, read);
  const issue = step('issue', 'issue the member’s certificates', {
    kind: 'command',
    argv: ['sh', '-ec', makeCertificatesScript(from === host)],
    check: ['sh', '-c', hasCertificates(from === host)],
    timeoutSeconds: 120,
    hint: `kubeadm init phase certs etcd-server --config ${etcdKubeadmPath} tells what it lacks`,
  });
  if (from === undefined || from === host) return [issue];
  // undefined: a dry run of a cluster that does not exist yet.
  const ca = await read(from, etcdAuthority);
  const file = (name: string, content: string | Secret, mode: number) =>
    step(name, `hand over etcd’s ${name}`, { kind: 'file', path: `${etcdPki}/etcd/${name}`, content, mode, owner: 'root:root' });
  // The certificate last: a host that has it can issue.
  return [file('ca.key', ca?.key ?? new Secret('made when needed'), 0o600), file('ca.crt', ca?.certificate ?? '', 0o644), issue];
}

function stepOf(phase: string, host: Host) {
  return (id: string, title: string, action: Step['action']): Step => ({ id: `${phase}/${id}`, host: host.name, title, action });
}
