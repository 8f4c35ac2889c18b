/** The certificates and keys that all masters share, read over SSH: what `certificates: copy` carries from one to the next. */

import type { Cluster } from '../model/cluster.ts';
import type { Fact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { Secret } from '../model/secret.ts';

const pki = '/etc/kubernetes/pki';

export const clusterCaPath = `${pki}/ca.crt`;

/** Paths on this master of what must be the same on all. With stacked etcd its CA too, by which kubeadm makes each member's own pair. */
export function sharedFiles(cluster: Cluster, host: Host): readonly string[] {
  const basic = ['ca.crt', 'ca.key', 'sa.pub', 'sa.key', 'front-proxy-ca.crt', 'front-proxy-ca.key'].map((name) => `${pki}/${name}`);
  if (cluster.etcd.name === 'stacked') return [...basic, `${pki}/etcd/ca.crt`, `${pki}/etcd/ca.key`];
  return [...basic, cluster.etcd.access(cluster, host).caFile];
}

/** Paths of the pair by which the apiserver asks an etcd that is not its own: any pair will do that etcd trusts. */
export function etcdClientPair(cluster: Cluster, host: Host): readonly string[] {
  if (cluster.etcd.name === 'stacked') return [];
  const { certFile, keyFile } = cluster.etcd.access(cluster, host);
  return [certFile, keyFile];
}

/** The files' contents, in the order of `paths`; none in a dry run, which reads no keys. A Failure when one is not there. */
export function certificateFiles(paths: readonly string[]): Fact<readonly Secret[]> {
  return {
    name: `certificate-files ${paths.join(' ')}`,
    argv: [
      'sh',
      '-c',
      'for f do test -s "$f" || { echo "$f is not there" >&2; exit 1; }; base64 -w 0 -- "$f" && echo || exit 1; done',
      'certificates',
      ...paths,
    ],
    secret: true,
    instead: [],
    parse: ({ code, stdout, stderr }) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      if (code !== 0 || lines.length !== paths.length) {
        throw new Failure('KUBERNETES', `the control plane's certificates cannot be copied: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
          remedy: `see what is there on that master: ls -l ${pki} ${pki}/etcd`,
        });
      }
      return lines.map((line) => new Secret(Buffer.from(line, 'base64').toString()));
    },
  };
}

/** SHA-256 in hex of those of the files that are there, by path. */
export function certificateDigests(paths: readonly string[]): Fact<ReadonlyMap<string, string>> {
  return {
    name: `certificate-digests ${paths.join(' ')}`,
    argv: ['sh', '-c', 'sha256sum -- "$@" 2> /dev/null; true', 'digests', ...paths],
    parse: ({ stdout }) => new Map([...stdout.matchAll(/^([0-9a-f]{64}) [ *](.*)$/gm)].map(([, digest = '', path = '']) => [path, digest])),
  };
}
