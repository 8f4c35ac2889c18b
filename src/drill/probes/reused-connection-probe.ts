/** A client that keeps one HTTP/2 connection, as controllers and kubelets do, and lets go of it only when it breaks. */

import type { ClientHttp2Session } from 'node:http2';
import { type ApiTarget, apiDialer } from './api-dialer.ts';
import { type ApiSession, openSession, type Patience } from './api-session.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Outcome, type Pace, startEvery } from './start-every.ts';

/** GET /livez on one connection for as long as it lasts. Ends with the pace's signal or maximum. */
export async function reusedConnectionProbe(
  target: ApiTarget,
  options: Pace & { readonly from: string; readonly timeoutMs: number; readonly patience: Patience },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const api = apiDialer(target);
  let kept: Promise<ApiSession> | undefined;

  function session(): Promise<ApiSession> {
    if (kept !== undefined) return kept;
    const opening = openSession(api, options.timeoutMs, options.patience);
    const forget = () => {
      if (kept === opening) kept = undefined;
    };
    opening.then(({ ended }) => ended.then(forget), forget);
    kept = opening;
    return opening;
  }

  await startEvery(
    { probe: 'reused connection', from: options.from },
    options,
    async () => {
      const one = await session();
      const outcome = await get(one.session, options.timeoutMs);
      if (outcome.ok) one.heard();
      return outcome;
    },
    emit,
  );
  (await kept?.catch(() => undefined))?.close();
}

function get(session: ClientHttp2Session, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    if (session.destroyed || session.closed) return resolve({ ok: false, detail: 'connection closed' });
    const stream = session.request({ ':path': '/livez' });
    let status = 0;
    const timer = setTimeout(() => settle({ ok: false, detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
    function settle(outcome: Outcome): void {
      clearTimeout(timer);
      resolve(outcome);
      stream.destroy();
    }
    stream.once('response', (headers) => {
      status = headers[':status'] ?? 0;
    });
    stream.on('error', (error: NodeJS.ErrnoException) => settle({ ok: false, detail: error.code ?? error.message }));
    stream.once('end', () => settle(status > 0 && status < 400 ? { ok: true } : { ok: false, detail: `status ${status}` }));
    stream.once('close', () => settle({ ok: false, detail: 'connection closed' }));
    stream.resume();
    stream.end();
  });
}
