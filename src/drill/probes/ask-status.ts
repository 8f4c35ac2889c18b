/** GET on a connection of its own, of which only the status counts. */

import type { TLSSocket } from 'node:tls';
import type { ApiDialer } from './api-dialer.ts';
import { reasonOf } from './attempt.ts';

export interface Status {
  /** 0 when nothing was answered. */
  readonly status: number;
  /** Why nothing was. */
  readonly detail?: string;
}

/**
 * Never rejects. The first line of the answer is the answer: what it asks for must be as small as /livez. Not by node:http, which costs a
 * quarter as much as the whole rest of such an attempt (1.2 % of a core at 20/s, measured).
 */
export async function askStatus(api: ApiDialer, path: string, timeoutMs: number): Promise<Status> {
  const startedMs = performance.now();
  try {
    const socket = await api.dial('http/1.1', timeoutMs);
    const answer = await firstLine(socket, path, { leftMs: timeoutMs - (performance.now() - startedMs), timeoutMs });
    if (answer.status === 0 || answer.status >= 500) api.distrust(socket);
    return answer;
  } catch (error) {
    return { status: 0, detail: reasonOf(error, timeoutMs) };
  }
}

function firstLine(
  socket: TLSSocket,
  path: string,
  { leftMs, timeoutMs }: { readonly leftMs: number; readonly timeoutMs: number },
): Promise<Status> {
  return new Promise((resolve) => {
    let text = '';
    const nothing = (detail: string) => settle({ status: 0, detail });
    const timer = setTimeout(() => nothing(`no answer within ${timeoutMs} ms`), Math.max(0, leftMs));
    function settle(status: Status): void {
      clearTimeout(timer);
      resolve(status);
      socket.destroy();
    }
    socket.on('error', (error) => nothing(reasonOf(error, timeoutMs)));
    socket.once('close', () => nothing('ECONNRESET'));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(text)?.[1];
      if (status !== undefined) settle({ status: Number(status) });
      else if (text.includes('\n')) nothing('no answer in HTTP');
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: apiserver\r\nConnection: close\r\n\r\n`);
  });
}
