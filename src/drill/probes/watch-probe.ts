/** Clients that watch one object: when changes stop reaching them, when their connection is cut, when changes flow again. */

import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { type ApiDialer, apiDialer } from './api-dialer.ts';
import { type ApiSession, openSession, type Patience } from './api-session.ts';
import { type CounterTarget, counterName } from './counter-probe.ts';
import { monotonicMs } from './monotonic.ts';
import type { ProbeEvent } from './probe-event.ts';

export interface WatchOptions {
  readonly from: string;
  /** So many clients, each with a connection of its own: a balancer sends them to different apiservers. */
  readonly clients: number;
  /** For a connection and for the beginning of its answer. */
  readonly timeoutMs: number;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** What a watch's event says in its detail: client, address of the apiserver, and what was seen. */
export type WatchDetail =
  | { readonly client: string; readonly kind: 'change'; readonly peer: string }
  | { readonly client: string; readonly kind: 'cut'; readonly peer: string; readonly reason: string }
  | { readonly client: string; readonly kind: 'refused'; readonly reason: string };

/** undefined for an event of another probe. */
export function readWatchDetail(event: ProbeEvent): WatchDetail | undefined {
  const [client, kind, peer = '', ...rest] = (event.detail ?? '').split(' ');
  if (event.probe !== 'watch' || client === undefined) return undefined;
  if (kind === 'change') return { client, kind, peer };
  if (kind === 'cut') return { client, kind, peer, reason: rest.join(' ') };
  return { client, kind: 'refused', reason: [peer, ...rest].join(' ') };
}

const againMs = 100;

/**
 * A success is a change that the client had not seen, from the change before it on that client. A «cut» began when its
 * connection was opened; after it, as after a refusal, the client connects again.
 */
export async function watchProbe(target: CounterTarget, options: WatchOptions, emit: (event: ProbeEvent) => void): Promise<void> {
  const clients = Array.from({ length: options.clients }, (_, index) =>
    watchOn(apiDialer(target), `w${index + 1}`, pathOf(target), options, emit),
  );
  await Promise.all(clients);
}

function pathOf({ namespace, run }: CounterTarget): string {
  return `/api/v1/namespaces/${namespace}/configmaps?watch=1&fieldSelector=metadata.name%3D${counterName(run)}`;
}

async function watchOn(
  api: ApiDialer,
  client: string,
  path: string,
  options: WatchOptions,
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  const { from, signal } = options;
  const tell = (startedMs: number, ok: boolean, detail: string) =>
    emit({ kind: 'probe', probe: 'watch', from, startedMs, endedMs: monotonicMs(), ok, detail: `${client} ${detail}` });
  let seen = -1;
  let seenMs = monotonicMs();
  while (!signal.aborted) {
    const openedMs = monotonicMs();
    try {
      const one = await openSession(api, options.timeoutMs, options.patience);
      const onChange = (counter: number) => {
        if (counter <= seen) return;
        tell(seenMs, true, `change ${one.peer} ${counter}`);
        seen = counter;
        seenMs = monotonicMs();
      };
      const reason = await watchUntilEnd(one, path, options, onChange);
      if (!signal.aborted) tell(openedMs, false, `cut ${one.peer} ${reason}`);
    } catch (error) {
      if (!signal.aborted) tell(openedMs, false, `refused ${error instanceof Error ? error.message : String(error)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

const eventSchema = z.object({ type: z.string(), object: z.object({ data: z.object({ counter: z.coerce.number() }) }) });

/** Gives the reason why the watch ended. */
async function watchUntilEnd(
  one: ApiSession,
  path: string,
  { timeoutMs, signal }: WatchOptions,
  onChange: (counter: number) => void,
): Promise<string> {
  const stream = one.session.request({ ':path': path });
  const decoder = new StringDecoder('utf8');
  let partial = '';
  let reason: string | undefined;
  const stop = (why: string) => {
    reason ??= why;
    one.close();
  };
  const abort = () => stop('stopped');
  signal.addEventListener('abort', abort, { once: true });
  // While the connection was made.
  if (signal.aborted) abort();
  const unanswered = setTimeout(() => stop(`no answer within ${timeoutMs} ms`), timeoutMs);
  stream.once('response', (headers) => {
    clearTimeout(unanswered);
    if ((headers[':status'] ?? 0) >= 400) stop(`status ${headers[':status']}`);
  });
  stream.on('data', (chunk: Buffer) => {
    one.heard();
    const lines = (partial + decoder.write(chunk)).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) {
      const event = eventSchema.safeParse(JSON.parse(line));
      if (event.success) onChange(event.data.object.data.counter);
    }
  });
  stream.on('error', (error: NodeJS.ErrnoException) => stop(error.code ?? error.message));
  stream.once('close', () => stop('ended by the server'));
  const why = await one.ended;
  clearTimeout(unanswered);
  signal.removeEventListener('abort', abort);
  return why === 'closed' ? (reason ?? why) : why;
}
