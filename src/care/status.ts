/** All that care knows and did, as one value: `trivet care status`, the metrics and the JSON of GET /status are made from it. */

import type { BackendHealth, BackendState } from './health/backend-health.ts';
import type { LookKind, LookResult } from './health/look.ts';
import type { DataplaneKind } from './settings.ts';

/** Times are wall-clock times in ISO 8601; addresses are in addressText's spelling. It survives JSON as it is. */
export interface CareStatus {
  /** Of trivet. */
  readonly version: string;
  readonly pid: number;
  readonly since: string;
  /** The virtual server. */
  readonly service: string;
  readonly dataplane: { readonly kind: DataplaneKind; readonly detail: string };
  /** none: nothing is decided yet, the data plane is as the daemon found it. */
  readonly table: 'none' | 'serve' | 'reject';
  readonly applies: {
    readonly done: number;
    readonly failed: number;
    /** The last one's message while it has not been made good; null: all is applied. */
    readonly trouble: string | null;
  };
  readonly backends: readonly BackendStatus[];
  readonly discovery: DiscoveryStatus;
  /** By how much this process's own timers have been late, all in all, counting only stalls for which looks were discarded. */
  readonly ownStallSeconds: number;
  /** The newest last; at most mostChanges. */
  readonly changes: readonly Change[];
}

/** How many changes are remembered. */
export const mostChanges = 100;

export interface BackendStatus {
  readonly address: string;
  /** static: from --rs, always a member. */
  readonly source: 'static' | 'discovered';
  /** It is on this machine. */
  readonly local: boolean;
  readonly state: BackendState;
  readonly since: string;
  readonly why: string;
  readonly trouble: BackendHealth['trouble'];
  /** In the table as it was last applied; null: not in it. */
  readonly weight: number | null;
  /** Changes of state since the daemon began. */
  readonly transitions: number;
  /** How many looks had this result since the daemon began; results that never came may be left out. */
  readonly looks: Readonly<Partial<Record<LookResult, number>>>;
  /** Of looks that were answered well. */
  readonly answers: { readonly count: number; readonly seconds: number };
  readonly lastLook: LookStatus | null;
  /** Open connections through the virtual server; null: not known. */
  readonly connections: number | null;
}

export interface LookStatus {
  readonly kind: LookKind;
  readonly result: LookResult;
  readonly at: string;
  readonly seconds: number;
  readonly detail: string;
}

export type DiscoveryStatus =
  /** Only --rs. */
  | { readonly kind: 'off' }
  /** Not possible yet, and nothing is wrong: no kubeconfig before the join, no healthy master. */
  | { readonly kind: 'waiting'; readonly why: string; readonly lastSuccess: string | null }
  | {
      readonly kind: 'following';
      /** The master that is asked. */
      readonly via: string;
      readonly members: readonly string[];
      /** On the list, but they did not prove that they belong to the cluster. */
      readonly unverified: readonly string[];
      /** When a list or an event last came. */
      readonly lastSuccess: string;
    }
  | { readonly kind: 'failing'; readonly why: string; readonly remedy: string | null; readonly lastSuccess: string | null };

export interface Change {
  readonly at: string;
  /** What it is about: a backend's address, `table`, `members`, `dataplane`. */
  readonly subject: string;
  /** `UP → DOWN`, `added`, `reject`. */
  readonly what: string;
  readonly why: string;
}
