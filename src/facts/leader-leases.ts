/** Which machine's controller manager and scheduler lead, as their leases in the API tell. */

import type { Fact } from '../model/fact.ts';

export interface LeaderLease {
  readonly of: 'kube-controller-manager' | 'kube-scheduler';
  /** The node's name: the lease's holder without the random part; undefined when nobody holds it. */
  readonly holder: string | undefined;
  /** When the holder became the leader, as RFC 3339; undefined when the lease does not say. */
  readonly since: string | undefined;
  /** Seconds since the holder last renewed it, by the asked machine's clock. */
  readonly renewedSecondsAgo: number | undefined;
  /** Renewed within the lease's own duration (15 s unless configured otherwise): false when its leader is gone and no other took over. */
  readonly current: boolean;
  /** How often it changed hands. */
  readonly transitions: number;
}

const kinds = ['kube-controller-manager', 'kube-scheduler'] as const;

/** Asked on any completed master. Always both leases; empty when the API does not answer there. */
export const leaderLeases: Fact<readonly LeaderLease[]> = {
  name: 'leader-leases',
  argv: [
    'sh',
    '-c',
    `date +%s.%N; exec kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=5s -n kube-system get leases ${kinds.join(' ')} --ignore-not-found -o json`,
  ],
  timeoutSeconds: 20,
  parse: ({ code, stdout }) => (code === 0 ? parseLeases(stdout) : []),
};

/** The first line is the machine's time in seconds; then `kubectl get leases -o json`. */
export function parseLeases(stdout: string): readonly LeaderLease[] {
  const end = stdout.indexOf('\n');
  const now = Number(stdout.slice(0, end)) * 1000;
  const json = stdout.slice(end + 1).trim();
  const list: LeaseList = json === '' ? {} : JSON.parse(json);
  const leases = list.items ?? [list];
  return kinds.map((of) => {
    const spec = leases.find((lease) => lease.metadata?.name === of)?.spec ?? {};
    const renewedSecondsAgo = spec.renewTime === undefined ? undefined : Math.max(0, (now - Date.parse(spec.renewTime)) / 1000);
    // m1_7a0c…: client-go puts a UUID behind the host's name. A leader that gives up leaves an empty name.
    const holder = spec.holderIdentity?.replace(/_[^_]*$/, '');
    return {
      of,
      holder: holder === '' ? undefined : holder,
      since: spec.acquireTime,
      renewedSecondsAgo,
      current: renewedSecondsAgo !== undefined && renewedSecondsAgo <= (spec.leaseDurationSeconds ?? 15),
      transitions: spec.leaseTransitions ?? 0,
    };
  });
}

interface Lease {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
    readonly leaseTransitions?: number;
  };
}

interface LeaseList extends Lease {
  readonly items?: readonly Lease[];
}
