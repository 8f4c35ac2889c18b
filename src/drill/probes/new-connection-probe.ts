/** Clients that connect anew for each request: what kubectl does. */

import { type ApiTarget, apiDialer } from './api-dialer.ts';
import { attempt } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Pace, startEvery } from './start-every.ts';

type Options = Pace & { readonly from: string; readonly timeoutMs: number };

/** GET /livez on a new TCP and TLS connection each time. Ends with the pace's signal or maximum. */
export function newConnectionProbe(target: ApiTarget, options: Options, emit: (event: ProbeEvent) => void): Promise<void> {
  return getEvery('new connections', '/livez', target, options, emit);
}

/** GET of one object without a resource version: the apiserver asks etcd's quorum. A new connection each time. */
export function readProbe(target: ApiTarget, options: Options, emit: (event: ProbeEvent) => void): Promise<void> {
  return getEvery('linearizable reads', '/api/v1/namespaces/kube-system', target, options, emit);
}

function getEvery(probe: string, path: string, target: ApiTarget, options: Options, emit: (event: ProbeEvent) => void): Promise<void> {
  const api = apiDialer(target);
  return startEvery({ probe, from: options.from }, options, () => attempt(api, { path, timeoutMs: options.timeoutMs }), emit);
}
