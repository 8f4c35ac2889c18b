/** A command on its way to a machine: what to run there, for how long, and how it is called off. */

import type { RunOptions } from '../model/connection.ts';
import { quote } from '../model/quote.ts';
import { reveal } from '../model/secret.ts';
import type { SessionInput } from './start-session.ts';

/** What a session needs; its link and its root come from the connection. */
export type Order = Pick<SessionInput, 'script' | 'feed'> & {
  /** For messages. */
  readonly what: string;
  /** undefined: no limit. */
  readonly timeoutSeconds: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export function runOrder(argv: readonly string[], { stdin, timeoutSeconds = 60, signal }: RunOptions): Order {
  const base = { script: quote(argv), what: commandName(argv), timeoutSeconds, signal };
  return stdin === undefined ? base : { ...base, feed: (stream) => void stream.end(reveal(stdin)) };
}

/** argv for a message: on one line, at most 80 characters. */
export function commandName(argv: readonly string[]): string {
  const line = quote(argv).replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

export type StopReason = 'timeout' | 'aborted';

/** Runs work with a promise that settles when the order's time is up or it is aborted. */
export async function untilStopped<T>(order: Order, work: (stopped: Promise<StopReason>) => Promise<T>): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  const abort = () => resolve('aborted');
  const seconds = order.timeoutSeconds;
  const timer = seconds === undefined ? undefined : setTimeout(() => resolve('timeout'), seconds * 1000);
  if (order.signal?.aborted) abort();
  order.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await work(promise);
  } finally {
    clearTimeout(timer);
    order.signal?.removeEventListener('abort', abort);
  }
}
