/** The CA of a hosted etcd, and the pair by which apiservers ask it, where kubeadm has made them. */

import type { RunResult } from '../model/connection.ts';
import type { Fact } from '../model/fact.ts';
import { Secret } from '../model/secret.ts';

const pki = '/etc/trivet/pki';

export interface KeyPair {
  readonly certificate: string;
  readonly key: Secret;
}

/** Whether the CA is on this machine. */
export const hasEtcdAuthority: Fact<boolean> = {
  name: 'has-etcd-authority',
  argv: ['ls', '-d', `${pki}/etcd/ca.crt`, `${pki}/etcd/ca.key`],
  parse: ({ code }) => code === 0,
};

/** Given to the other members' machines. undefined: not made yet. */
export const etcdAuthority = pair('etcd-authority', `${pki}/etcd/ca`);

/** Given to the masters. undefined: not made yet. */
export const etcdClient = pair('etcd-client', `${pki}/apiserver-etcd-client`);

function pair(name: string, path: string): Fact<KeyPair | undefined> {
  return { name, argv: ['cat', `${path}.crt`, `${path}.key`], secret: true, parse: readPair };
}

function readPair({ code, stdout }: RunResult): KeyPair | undefined {
  const key = stdout.search(/^-----BEGIN [A-Z ]*PRIVATE KEY-----$/m);
  if (code !== 0 || key <= 0) return undefined;
  return { certificate: stdout.slice(0, key), key: new Secret(stdout.slice(key)) };
}
