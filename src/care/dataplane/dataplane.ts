/** What carries connections from the virtual address to the backends: nft, IPVS or this process itself; one interface, a folder each. */

import type { Address } from '../address.ts';
import type { DataplaneKind } from '../settings.ts';

export interface Target {
  readonly address: Address;
  /** 0: it keeps its connections and gets no new ones. */
  readonly weight: number;
}

/** What the data plane should do from now on. */
export type Table =
  /** New connections go to the targets of weight > 0; there is at least one. */
  | { readonly kind: 'serve'; readonly targets: readonly Target[] }
  /** Nobody is there: new connections are refused with a TCP reset at once, so that clients try again. Targets of weight 0 keep theirs. */
  | { readonly kind: 'reject'; readonly targets: readonly Target[] };

/**
 * haste: only what decides where new connections go, and soon; what takes its time (is the route still there?) may be left to the exact
 * apply that follows. A data plane may ignore it.
 */
export type Haste = 'haste' | 'exact';

export interface Dataplane {
  readonly kind: DataplaneKind;
  /** For the log and the status: `nft, table ip trivet-care-10.103.97.2-6443`. */
  readonly detail: string;
  /**
   * Makes the kernel's (or the process's) table exactly this one, whatever is there: entries of this virtual server that are not in it
   * go, entries of others are never touched. Returns what it changed, a line each; nothing when all was as it should be.
   */
  readonly apply: (table: Table, haste?: Haste) => Promise<readonly string[]>;
  /** Ends established connections to a backend that is DOWN, on both sides as far as that can be done. Returns how many there were. */
  readonly cut: (backend: Address) => Promise<number>;
  /** Open connections by the backend's text; for the metrics. */
  readonly connections: () => Promise<ReadonlyMap<string, number>>;
  /** The daemon ends: rules of the kernel stay and go on working, co-processes end. */
  readonly close: () => Promise<void>;
}

export interface DataplaneInput {
  readonly service: Address;
  readonly scheduler: string;
  readonly mode: 'route' | 'link';
  readonly interface: string;
  readonly nodeIp: string | undefined;
  readonly masqueradeBit: number;
  readonly stateDirectory: string;
  /** At the first connection that goes through this process. */
  readonly onTraffic?: () => void;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => void;
}
