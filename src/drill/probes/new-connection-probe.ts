/** A client that connects anew for each request: what kubectl does. */

import { type ApiTarget, attempt, readTls } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Pace, startEvery } from './start-every.ts';

/** GET /livez on a new TCP and TLS connection each time. Ends with the pace's signal or maximum. */
export function newConnectionProbe(
  target: ApiTarget,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const tls = readTls(target);
  const url = `https://${target.address}:${target.port}/livez`;
  return startEvery(
    { probe: 'new connections', from: options.from },
    options,
    () => attempt({ url, tls, timeoutMs: options.timeoutMs }),
    emit,
  );
}
