/** Clients that connect anew for each request: what kubectl does. */

import { type ApiTarget, apiDialer } from './api-dialer.ts';
import { askStatus } from './ask-status.ts';
import { ask } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { revisionOf } from './revision-of.ts';
import { type Pace, startEvery } from './start-every.ts';

type Options = Pace & { readonly from: string; readonly timeoutMs: number };

/**
 * GET /livez on a new TCP and TLS connection each time, by nobody in particular: a client's certificate would cost a signature on
 * both sides, twenty times a second. Where nobody may ask that, the refusal (401, 403) is an answer too. Ends with the pace's signal or
 * maximum.
 */
export function newConnectionProbe(
  { endpoints, serverName, ca, resume }: ApiTarget,
  options: Options,
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const api = apiDialer({
    endpoints,
    ca,
    ...(serverName !== undefined && { serverName }),
    ...(resume !== undefined && { resume }),
  });
  return startEvery(
    { probe: 'new connections', from: options.from },
    options,
    async () => {
      const { status, detail = `status ${status}` } = await askStatus(api, '/livez', options.timeoutMs);
      return (status > 0 && status < 400) || status === 401 || status === 403 ? { ok: true } : { ok: false, detail };
    },
    emit,
  );
}

/**
 * The list of the events of one name that nobody has: a hundred bytes, whose resource version is etcd's revision. Apiservers keep
 * no watch cache of events (Kubernetes 1.34: pkg/kubeapiserver/default_storage_factory_builder.go), so that each such list is a read
 * of etcd's quorum at once: it shows at least the revision of every write that was acknowledged before it began. A list from a
 * watch cache shows that too since 1.31, but may wait up to 0.1 s for etcd's word on how far it is.
 */
export const readPath = '/api/v1/namespaces/kube-system/events?fieldSelector=metadata.name%3Dtrivet-asks-for-the-revision';

/** A read that asks etcd's quorum, with the revision that it shows. A new connection each time. */
export function readProbe(target: ApiTarget, options: Options, emit: (event: ProbeEvent) => void): Promise<void> {
  const api = apiDialer(target);
  const request = { path: readPath, timeoutMs: options.timeoutMs };
  return startEvery(
    { probe: 'linearizable reads', from: options.from },
    options,
    async () => {
      const { ok, detail, body } = await ask(api, request);
      const revision = ok ? revisionOf(body) : undefined;
      return { ok, ...(detail !== undefined && { detail }), ...(revision !== undefined && { revision }) };
    },
    emit,
  );
}
