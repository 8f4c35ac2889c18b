/** A client that keeps one HTTP/2 connection, as controllers and kubelets do, and lets go of it only when it breaks. */

import { type ClientHttp2Session, connect } from 'node:http2';
import { type ApiTarget, readTls } from './attempt.ts';
import { monotonicMs } from './monotonic.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Outcome, type Pace, startEvery } from './start-every.ts';

/** As client-go: a connection on which nothing was answered for so long is given up (30 s idle, 15 s for its ping). */
const giveUpMs = 45_000;

/** GET /livez on one connection for as long as it lasts. Ends with the pace's signal or maximum. */
export async function reusedConnectionProbe(
  target: ApiTarget,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const tls = readTls(target);
  let session: ClientHttp2Session | undefined;
  let lastAnswerMs = monotonicMs();

  function usable(): ClientHttp2Session {
    if (session !== undefined && !session.destroyed && !session.closed) {
      if (monotonicMs() - lastAnswerMs < giveUpMs) return session;
      session.destroy();
    }
    const opened = connect(`https://${target.address}:${target.port}`, { secureContext: tls });
    const connecting = setTimeout(() => opened.destroy(), options.timeoutMs);
    opened.once('connect', () => clearTimeout(connecting));
    opened.once('close', () => clearTimeout(connecting));
    // What went wrong is told by the requests on it.
    opened.on('error', () => undefined);
    lastAnswerMs = monotonicMs();
    session = opened;
    return opened;
  }

  await startEvery(
    { probe: 'reused connection', from: options.from },
    options,
    async () => {
      const outcome = await get(usable(), options.timeoutMs);
      if (outcome.ok) lastAnswerMs = monotonicMs();
      return outcome;
    },
    emit,
  );
  session?.destroy();
}

function get(session: ClientHttp2Session, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
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
