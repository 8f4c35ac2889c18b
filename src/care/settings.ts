/** What `trivet care` was asked to do, complete with its defaults: made from flags, environment and file, read by everything else. */

import type { Address } from './address.ts';

export type DataplaneKind = 'nft' | 'ipvs' | 'proxy';

/** IPVS's schedulers by lvscare's names. nft and proxy know rr (the others are taken as rr there, and that is said once in the log). */
export type Scheduler = 'rr' | 'lc' | 'dh' | 'sh' | 'wrr' | 'wlc';

/** How one backend is asked whether it serves. */
export type HealthCheck =
  /** A connection that is accepted is enough. */
  | { readonly kind: 'tcp' }
  | {
      readonly kind: 'http' | 'https';
      readonly method: string;
      /** With its query: /readyz?exclude=etcd&exclude=etcd-readiness. */
      readonly path: string;
      /** Asked instead of a backend that comes back while another one is UP: all of its parts, etcd too. undefined: `path`. */
      readonly pathOfReturn?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | undefined;
      /** Status codes that mean ready; undefined: everything below 400, and 401 and 403 (somebody answers, and only wants a name). */
      readonly statuses: readonly number[] | undefined;
      /** https: PEM file against which the backend is verified. While the file does not exist yet (before a join), nothing is verified. */
      readonly caFile: string | undefined;
      /** https: asked for by the user; nothing is verified, and the log says so. */
      readonly skipVerify: boolean;
      /** https: the name in the backend's certificate; undefined: the backend's own IP. */
      readonly serverName: string | undefined;
    };

/** All in milliseconds. */
export interface Pace {
  /** Between two looks at a backend that is well (a PING, or the whole check where no session is held). Default 200. */
  readonly everyMs: number;
  /** Between two whole checks (GET) on a held session. Default 1000. */
  readonly checkEveryMs: number;
  /** After which an unanswered look is a miss. Default 150 for a PING and a TCP connect; the whole check may take checkTimeoutMs. */
  readonly timeoutMs: number;
  /** Default 1000. */
  readonly checkTimeoutMs: number;
  /** Between fresh TCP connects at a backend under suspicion. Default 50. */
  readonly suspectEveryMs: number;
  /** Part by which each pause is varied by chance, up and down. Default 0.1. */
  readonly jitter: number;
  /** A look whose own timers were later than this is discarded: this process or machine stood still, not the backend. Default 100. */
  readonly ownStallMs: number;
}

export interface HealthPolicy {
  /** Misses in a row before DOWN, the failed fresh connect included. Default 3. */
  readonly fall: number;
  /** Good looks in a row before a backend that was DOWN or DRAIN is UP again. Default 3. The very first good look of all is enough. */
  readonly rise: number;
  /** A backend that went DOWN this often within flapWindowMs is held down. Defaults 3 and 60 000. */
  readonly flapCount: number;
  readonly flapWindowMs: number;
  /** First time held down, doubled each time up to the most. Defaults 5000 and 60 000. */
  readonly holdDownMs: number;
  readonly holdDownMostMs: number;
}

/** How often an apiserver that is well is asked, and how long it may take. */
export const defaultPace: Pace = {
  everyMs: 200,
  checkEveryMs: 1000,
  timeoutMs: 150,
  checkTimeoutMs: 1000,
  suspectEveryMs: 50,
  jitter: 0.1,
  ownStallMs: 100,
};

/** When a backend counts as DOWN, and as well again. */
export const defaultHealth: HealthPolicy = {
  fall: 3,
  rise: 3,
  flapCount: 3,
  flapWindowMs: 60_000,
  holdDownMs: 5000,
  holdDownMostMs: 60_000,
};

export interface DiscoverySettings {
  /** Where credentials come from, read again at every connection: a kubeconfig, whose certificate files may be renewed meanwhile. */
  readonly kubeconfig: string;
  /** A discovered member that the list no longer names is removed after this long, and only when it fails its checks too. Default 30 000. */
  readonly absentMs: number;
}

export interface CareSettings {
  readonly service: Address;
  /** From --rs: always members, whatever discovery says. */
  readonly backends: readonly Address[];
  readonly dataplane: 'auto' | DataplaneKind;
  readonly scheduler: Scheduler;
  readonly check: HealthCheck;
  readonly pace: Pace;
  readonly health: HealthPolicy;
  /** undefined: only --rs. */
  readonly discovery: DiscoverySettings | undefined;
  /** route: a route to the VIP with the node's own source address (nft, ipvs). link: the VIP on a dummy interface, with masquerade. */
  readonly mode: 'route' | 'link';
  /** link's interface; default lvscare. */
  readonly interface: string;
  /** The machine's own address, source of connections to the VIP; undefined: as the kernel would choose towards the backends. */
  readonly nodeIp: string | undefined;
  /** The mark of connections that are masqueraded in mode link: a bit's number. Default 0 (0x1). */
  readonly masqueradeBit: number;
  /** While the machine's own backend is UP, connections go to it alone. Default true. */
  readonly preferLocal: boolean;
  /** The last good list of members, and what --clean must put back. Default /var/lib/trivet-care. */
  readonly stateDirectory: string;
  /** Unix socket with status, metrics and /healthz; default /run/trivet-care/care.sock. */
  readonly socket: string;
  /** Also metrics and /healthz on this loopback address; undefined: not. */
  readonly metrics: Address | undefined;
  readonly logger: 'debug' | 'info' | 'warn' | 'error';
  /** Also write keepalived's track_file: the machine's own backend's state, 0 or its negative weight. undefined: not. */
  readonly trackFile: string | undefined;
}
