/** The one stream of what happens, as NDJSON: read by the terminal, the log, the dashboard and the drill's verdict. */

export type Event = { readonly at: string } & EventBody;

export type EventBody =
  | {
      readonly kind: 'run';
      readonly state: 'started' | 'finished' | 'failed';
      readonly sequence: string;
      readonly cluster: string;
      readonly changed?: number;
      readonly seconds?: number;
      readonly message?: string;
    }
  | {
      readonly kind: 'phase';
      readonly state: 'started' | 'finished' | 'failed';
      readonly phase: string;
      readonly summary: string;
      readonly hosts: readonly string[];
      readonly usualSeconds: number;
      readonly seconds?: number;
    }
  | {
      readonly kind: 'step';
      readonly state: 'planned' | 'unchanged' | 'started' | 'changed' | 'failed';
      readonly phase: string;
      readonly host: string;
      readonly step: string;
      readonly title: string;
      readonly seconds?: number;
      readonly message?: string;
    }
  | { readonly kind: 'progress'; readonly task: string; readonly message: string; readonly usualSeconds?: number }
  | { readonly kind: 'warning'; readonly message: string; readonly host?: string }
  | {
      readonly kind: 'probe';
      readonly probe: string;
      readonly from: string;
      readonly startedMs: number;
      readonly endedMs: number;
      readonly ok: boolean;
      readonly detail?: string;
      /** Of a write that failed: refused, so that it can never have happened; or unknown, as its answer may have been lost. */
      readonly outcome?: 'refused' | 'unknown';
      /** etcd's revision: the one that an acknowledged write was given, or the one that a read shows. */
      readonly revision?: number;
    }
  | { readonly kind: 'fault'; readonly fault: string; readonly host: string; readonly state: 'injected' | 'healed' }
  /** `owners`: all of them, where more than one machine had it. */
  | { readonly kind: 'vip'; readonly owner: string | undefined; readonly owners?: readonly string[] }
  /** `of`: etcd, or the name of a Lease. `term`: etcd's raft term, where it is known: it has one leader at most. */
  | { readonly kind: 'leader'; readonly of: string; readonly holder: string | undefined; readonly term?: number }
  /** What the balancer on one machine thinks of one apiserver. */
  | { readonly kind: 'backend'; readonly on: string; readonly backend: string; readonly state: 'UP' | 'SUSPECT' | 'DRAIN' | 'DOWN' }
  | { readonly kind: 'node'; readonly node: string; readonly condition: string; readonly status: 'True' | 'False' | 'Unknown' }
  | { readonly kind: 'member'; readonly member: string; readonly state: 'healthy' | 'unhealthy' | 'learner' | 'gone' }
  /** The cluster as a whole, looked at before and after a fault. */
  | { readonly kind: 'health'; readonly healthy: boolean; readonly problems: readonly string[] }
  /** What is there of the writes of one place after its end: number and revision at which it was made, 0 where that is not known. */
  | { readonly kind: 'read-back'; readonly from: string; readonly writes: readonly (readonly [number: number, revision: number])[] };

/**
 * An event as it stands in a drill's recording: milliseconds since the recording's start, on one monotonic clock for all machines.
 * A probe's own time is its endedMs.
 */
export type RecordedEvent =
  | Extract<EventBody, { readonly kind: 'probe' }>
  | ({ readonly atMs: number } & Exclude<EventBody, { readonly kind: 'probe' }>);

/** Takes an event's body; the time is put on by the recorder. */
export type Emit = (event: EventBody) => void;
