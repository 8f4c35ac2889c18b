/** A machine as the cluster file names it: where it is, what it is for, how to reach it. */

export type Role = 'master' | 'worker' | 'etcd' | 'lb';

/** Where a password comes from. The value itself never stands in the cluster file, in argv or in a log. */
export type PasswordSource =
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'prompt' };

export interface Ssh {
  readonly user: string;
  readonly port: number;
  /** Private key file on the operator's machine; undefined: the agent and OpenSSH's own defaults. */
  readonly keyFile: string | undefined;
  /** Asked for by sshd, and by sudo when the user is not root. */
  readonly password: PasswordSource | undefined;
  /** known_hosts file; undefined: OpenSSH's own. New keys are recorded in it, changed ones refused. */
  readonly knownHosts: string | undefined;
}

export interface Host {
  /** The node's name in Kubernetes and the machine's host name: a DNS label. */
  readonly name: string;
  /** What the operator's machine connects to. */
  readonly address: string;
  /** What the other machines connect to; the same as address unless the file says otherwise. */
  readonly internalAddress: string;
  readonly roles: readonly Role[];
  readonly ssh: Ssh;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Network interface of internalAddress; undefined: found by looking at the machine. */
  readonly interface: string | undefined;
}

export interface Taint {
  readonly key: string;
  readonly value: string | undefined;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}
