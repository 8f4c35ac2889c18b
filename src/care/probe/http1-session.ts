/** One HTTP/1.1 connection that is kept alive between checks; a server that ends it after every answer is taken as it is. */

import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { addressText } from '../address.ts';
import { inTime } from './in-time.ts';
import { type Outcome, outcomeOfError, outcomeOfStatus } from './outcome.ts';
import { givenUp, type Session, type SessionInput } from './session.ts';

/** Longer answers cost the connection: a check reads the status only. */
const longestBody = 65_536;

export function openHttp1Session(socket: Socket, input: SessionInput): Session {
  const { address, check, pace, now } = input;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  let [open, told] = [true, false];
  let askedMs: number | undefined;
  let answeredMs: number | undefined;
  let giveUp: () => void = () => undefined;
  const leave = (): void => {
    open = false;
    told = true;
  };
  const close = (): void => {
    leave();
    giveUp();
    agent.destroy();
    socket.destroy();
  };
  socket.once('close', () => {
    open = false;
    // Perhaps it was only idle for too long: no sign of trouble, but a reason to ask again at once.
    if (!told && askedMs === undefined) input.onEnd({ kind: 'leaving' });
    told = true;
  });
  const send = (path: string, settle: (outcome: Outcome) => void): void => {
    const startedMs = now();
    giveUp = () => settle(givenUp);
    const asked = request({ agent, method: check.method, path, headers: headersOf(input) });
    asked.on('error', (error) => settle(outcomeOfError(error, check.method)));
    asked.once('response', (answer) => {
      answeredMs = now();
      // HTTP/1.0, or `connection: close`: no sign of trouble when it ends.
      if (!asked.shouldKeepAlive) leave();
      let read = 0;
      answer.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > longestBody) close();
      });
      answer.on('error', () => undefined);
      answer.once('close', () => {
        askedMs = undefined;
      });
      settle(outcomeOfStatus(answer.statusCode ?? 0, check, answeredMs - startedMs));
    });
    asked.end(check.body);
  };
  return {
    ping: undefined,
    get: async (timeoutMs, path) => {
      askedMs = now();
      answeredMs = undefined;
      const late = (): Outcome => ({ result: 'missed', detail: `no answer to ${check.method} within ${pace.checkTimeoutMs} ms` });
      const outcome = await inTime<Outcome>(timeoutMs, late, (settle) => send(path, settle));
      // What comes after that would be the answer to an old question.
      if (outcome.result !== 'ok' && outcome.result !== 'draining') close();
      return outcome;
    },
    isOpen: () => open && !socket.destroyed,
    isBusy: () => askedMs !== undefined,
    silentSinceMs: () => (answeredMs === undefined ? askedMs : undefined),
    close,
  };

  function headersOf({ check: { headers, body } }: SessionInput): Record<string, string | number> {
    return { host: addressText(address), ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) };
  }
}
