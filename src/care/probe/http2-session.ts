/** One HTTP/2 session with a backend: a PING is answered by the process itself at once, and the GET goes on the same connection. */

import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { addressText } from '../address.ts';
import { inTime } from './in-time.ts';
import { type Outcome, outcomeOfError, outcomeOfStatus } from './outcome.ts';
import { givenUp, type Session, type SessionEnd, type SessionInput } from './session.ts';

type Settle = (outcome: Outcome) => void;

/** The socket has already agreed on h2. */
export function openHttp2Session(socket: Socket, input: SessionInput): Session {
  const { address, check, pace, now } = input;
  const session = connect(`https://${addressText(address)}`, { createConnection: () => socket, settings: { enablePush: false } });
  const waiting = new Set<Settle>();
  let [open, told, detail] = [true, false, 'the backend closed the held session'];
  let silentSinceMs: number | undefined;
  const end = (how: SessionEnd): void => {
    open = false;
    if (!told) input.onEnd(how);
    told = true;
  };
  session.on('error', (error) => {
    detail = outcomeOfError(error, 'held session').detail;
  });
  session.once('goaway', (code) => code === constants.NGHTTP2_NO_ERROR && end({ kind: 'leaving' }));
  session.once('close', () => {
    // Who waits for an answer is told by that answer.
    if (waiting.size > 0) told = true;
    for (const settle of waiting) settle({ result: 'closed', detail });
    end({ kind: 'broken', detail });
  });
  const ask = async (ms: number, what: string, begin: (settle: Settle) => void): Promise<Outcome> => {
    let mine: Settle = () => undefined;
    const late = (): Outcome => ({ result: 'missed', detail: `no ${what}` });
    const answer = inTime<Outcome>(ms, late, (settle) => {
      mine = (outcome) => {
        if (outcome !== givenUp) silentSinceMs = undefined;
        settle(outcome);
      };
      waiting.add(mine);
      silentSinceMs ??= now();
      begin(mine);
    });
    return await answer.finally(() => waiting.delete(mine));
  };
  return {
    ping: () =>
      ask(pace.timeoutMs, `PING within ${pace.timeoutMs} ms`, (settle) => {
        if (session.destroyed) settle({ result: 'closed', detail });
        else session.ping((error, ms) => error === null && settle({ result: 'ok', detail: `PING in ${ms.toFixed(1)} ms` }));
      }),
    get: (timeoutMs, path) =>
      ask(timeoutMs, `answer to ${check.method} within ${pace.checkTimeoutMs} ms`, (settle) => sendRequest(session, path, input, settle)),
    isOpen: () => open && !session.destroyed && !session.closed,
    isBusy: () => false,
    silentSinceMs: () => silentSinceMs,
    close: () => {
      [told, open] = [true, false];
      for (const settle of waiting) settle(givenUp);
      session.destroy();
      socket.destroy();
    },
  };
}

function sendRequest(session: ClientHttp2Session, path: string, { address, check, pace, now }: SessionInput, settle: Settle): void {
  const startedMs = now();
  const headers = { ':method': check.method, ':path': path, ':authority': addressText(address), ...check.headers };
  try {
    const stream = session.request(headers, { endStream: check.body === undefined });
    stream.on('error', (error) => settle(outcomeOfError(error, check.method)));
    stream.once('response', (answer) => settle(outcomeOfStatus(answer[':status'] ?? 0, check, now() - startedMs)));
    // Whatever becomes of it, nothing of it is left after a while: an endless body neither.
    const cancel = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), pace.checkTimeoutMs + 500).unref();
    stream.once('close', () => clearTimeout(cancel));
    stream.resume();
    if (check.body !== undefined) stream.end(check.body);
  } catch (error) {
    settle(outcomeOfError(error, check.method));
  }
}
