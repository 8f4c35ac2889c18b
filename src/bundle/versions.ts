/** What belongs to a Kubernetes version; modules/kubernetes/go.mod and `kubeadm config images list` say the same. */

import { Failure } from '../model/failure.ts';

export interface Versions {
  /** With its v. */
  readonly kubernetes: string;
  /** Without a v, as in etcd's own output. */
  readonly etcd: string;
  /** The module's version, with its v. */
  readonly coredns: string;
}

/**
 * crictl is not among a bundle's programs: Go's checksum database does not know sigs.k8s.io/cri-tools@v1.34.0 (tried
 * 2026-11-21) and Debian has no package of it. kubeadm only warns, and `ctr -n k8s.io` shows the same things.
 */
const known: readonly Versions[] = [{ kubernetes: 'v1.34.4', etcd: '3.6.5', coredns: 'v1.12.1' }];

/** Throws USAGE for a version that cannot be built. */
export function versionsOf(kubernetes: string): Versions {
  const found = known.find((one) => one.kubernetes === kubernetes);
  if (found !== undefined) return found;
  throw new Failure('USAGE', `Kubernetes ${kubernetes} cannot be built from its modules by this trivet`, {
    remedy: `use one of: ${known.map((one) => one.kubernetes).join(', ')}`,
  });
}
