/** What the dashboard's server tells its page: one view, and the changes that are made to it. Types only: the page is compiled by itself. */

import type { ClusterStatus, MachineStatus } from '../../status/cluster-status.ts';

/** Width of a bucket of a client's attempts. */
export type BucketMs = 250;

/** All moments are milliseconds of the server's monotonic clock. */
export interface Look {
  /** The machines are being asked since then. */
  readonly askingSinceMs?: number;
  /** When they last answered, and how long that took. */
  readonly answeredAtMs?: number;
  readonly tookMs?: number;
  /** Why the last question as a whole came to nothing. */
  readonly failed?: string;
}

export interface LaneView {
  readonly probe: string;
  readonly from: string;
  /** By bucket from the recording's start: 1 served, 2 not served, 3 both, 0 nothing known. */
  readonly bits: readonly number[];
}

/** Who holds something over time, such as the VIP. */
export interface HolderView {
  readonly of: string;
  readonly changes: readonly HolderChange[];
}

export interface HolderChange {
  readonly ms: number;
  readonly is: string;
  readonly good: boolean;
}

export interface EventView {
  readonly ms: number;
  readonly text: string;
  readonly tone: 'bad' | 'good' | 'plain';
}

export interface VerdictView {
  readonly result: 'pass' | 'fail' | 'inconclusive';
  readonly reasons: readonly string[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

/** A drill as it happens. Milliseconds count from its recording's start. */
export interface DrillView {
  /** The name of its recording: `/recordings/NAME` is its report, once it has ended. */
  readonly name: string;
  readonly drill: string;
  readonly fault: string;
  /** silent: nothing was recorded for a while; gone: the recording ended without its end. */
  readonly state: 'running' | 'silent' | 'ended' | 'gone';
  readonly nowMs: number;
  readonly faultMs?: number;
  readonly healedMs?: number;
  /** `m1`: `power-off`, while it is in. */
  readonly victims: Readonly<Record<string, string>>;
  readonly lanes: readonly LaneView[];
  readonly holders: readonly HolderView[];
  /** The last ones, oldest first. */
  readonly events: readonly EventView[];
  readonly verdict?: VerdictView;
}

/** What has been added to a drill since it was last told. */
export interface DrillMore {
  readonly nowMs: number;
  readonly state: DrillView['state'];
  readonly faultMs?: number;
  readonly healedMs?: number;
  readonly victims: Readonly<Record<string, string>>;
  /** New lanes, behind those that are known. */
  readonly lanes: readonly { readonly probe: string; readonly from: string }[];
  /** Lane, bucket, its bits. */
  readonly bits: readonly (readonly [lane: number, bucket: number, bits: number])[];
  readonly holders: readonly ({ readonly of: string } & HolderChange)[];
  readonly events: readonly EventView[];
}

export interface RecordingRow {
  readonly name: string;
  readonly cluster: string;
  readonly scheme: string;
  readonly drill: string;
  /** In words, with the victim: `power-off of m1`. */
  readonly fault: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** A drill is writing it. */
  readonly growing?: true;
  /** undefined: not judged yet. */
  readonly result?: 'pass' | 'fail' | 'inconclusive' | 'unreadable';
  /** The first reason, in words. */
  readonly why?: string;
}

export interface View {
  readonly cluster: string;
  readonly scheme: string;
  /** undefined before the machines have answered for the first time. */
  readonly status?: ClusterStatus;
  readonly look: Look;
  readonly drill?: DrillView;
  readonly recordings: readonly RecordingRow[];
}

/** Only what differs; `names` is the machines' order, when that differs too. */
export interface StatusChange {
  readonly set: Partial<Omit<ClusterStatus, 'machines'>>;
  readonly machines: readonly MachineStatus[];
  readonly names?: readonly string[];
}

export type Change =
  | { readonly kind: 'view'; readonly view: View; readonly nowMs: number }
  | { readonly kind: 'status'; readonly change: StatusChange }
  | { readonly kind: 'look'; readonly look: Look }
  /** null: there is none any more. */
  | { readonly kind: 'drill'; readonly drill: DrillView | null }
  | { readonly kind: 'more'; readonly more: DrillMore }
  | { readonly kind: 'recordings'; readonly recordings: readonly RecordingRow[] }
  /** Says that the server lives, and what its clock shows. */
  | { readonly kind: 'beat'; readonly nowMs: number };
