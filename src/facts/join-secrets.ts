/** What a machine needs to join: made on a master of the cluster, handed over in a file, never in argv. */

import type { Fact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';

/** A bootstrap token, good for an hour. */
export const joinToken: Fact<Secret> = {
  name: 'join-token',
  argv: ['kubeadm', 'token', 'create', '--ttl', '1h', '--description', 'trivet up', '--kubeconfig', '/etc/kubernetes/admin.conf'],
  timeoutSeconds: 60,
  secret: true,
  instead: new Secret('made when needed'),
  parse: ({ code, stdout, stderr }) => {
    const token = /^[a-z0-9]{6}\.[a-z0-9]{16}$/m.exec(stdout)?.[0];
    if (code !== 0 || token === undefined) {
      throw new Failure('KUBERNETES', `no join token could be made: ${lastLine(stderr)}`, {
        remedy: 'see whether the API answers on that master: kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes',
      });
    }
    return new Secret(token);
  },
};

/**
 * Uploads the control plane's certificates to the cluster, encrypted, and gives the key (64 hex digits).
 * The upload lives two hours; it is made anew by every run that joins masters.
 */
export function certificateKey(documents: string): Fact<Secret> {
  return {
    name: 'certificate-key',
    argv: [
      'sh',
      '-c',
      `set -eu; umask 077; d=$(mktemp -d /run/trivet-certs.XXXXXX); trap 'rm -rf "$d"' EXIT; trap 'exit 143' HUP INT TERM PIPE
key=$(kubeadm certs certificate-key); sed "s/@KEY@/$key/" > "$d/upload.yaml"
kubeadm init phase upload-certs --upload-certs --config "$d/upload.yaml" > "$d/log" 2>&1 || { cat "$d/log" >&2; exit 1; }
echo "$key"`,
    ],
    stdin: documents,
    timeoutSeconds: 120,
    secret: true,
    instead: new Secret('made when needed'),
    parse: ({ code, stdout, stderr }) => {
      const key = /^[0-9a-f]{64}$/m.exec(stdout)?.[0];
      if (code !== 0 || key === undefined) {
        throw new Failure('KUBERNETES', `the control plane's certificates could not be uploaded: ${lastLine(stderr)}`, {
          remedy:
            'see whether etcd has its quorum on that master: kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz?verbose',
        });
      }
      return new Secret(key);
    },
  };
}

/** The cluster's CA certificate (PEM), by which a joining machine knows the cluster; undefined without one. */
export const clusterCa: Fact<string | undefined> = {
  name: 'cluster-ca',
  argv: ['cat', '/etc/kubernetes/pki/ca.crt'],
  parse: ({ code, stdout }) => (code === 0 ? stdout : undefined),
};

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
