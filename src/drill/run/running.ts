/** A drill while it runs: its recording grows, its clients are watched, and every waiting hears of Ctrl-C. */

import type { Emit, RecordedEvent } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';
import type { Clients } from './clients.ts';
import type { RunClock } from './drill-tools.ts';
import type { RecordingFile } from './recording-file.ts';
import type { Served } from './served.ts';

export interface Running {
  readonly clock: RunClock;
  readonly signal: AbortSignal;
  readonly served: Served;
  /** Says what is going on, and how long it usually takes. */
  readonly say: (message: string, usualSeconds?: number) => void;
  /** Into the recording, the log and the terminal. */
  readonly record: (event: RecordedEvent) => void;
  /** All that was recorded by record(). */
  readonly own: readonly RecordedEvent[];
  /** Rejects when the drill is stopped, or when its recording cannot be written. */
  readonly pause: (ms: number) => Promise<void>;
  /** Gives what is still missing after so long; empty: the condition came about. */
  readonly until: (missing: () => readonly string[], withinMs: number) => Promise<readonly string[]>;
  /** From now on events go into this file. */
  readonly open: (file: RecordingFile) => void;
  /** Clients are no longer asked for news. */
  readonly end: () => void;
}

const newsMs = 250;

export function running({
  clients,
  served,
  clock,
  emit,
  signal,
  task,
}: {
  readonly clients: Clients;
  readonly served: Served;
  readonly clock: RunClock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The drill's name. */
  readonly task: string;
}): Running {
  const own: RecordedEvent[] = [];
  const early: RecordedEvent[] = [];
  let file: RecordingFile | undefined;
  let broken: unknown;

  /** Never throws: a timer calls it while a fault is in. */
  function news(): void {
    if (broken !== undefined) return;
    try {
      add(clients.news());
    } catch (error) {
      broken = error;
    }
  }
  function add(events: readonly RecordedEvent[]): void {
    for (const event of events) served.take(event);
    if (file === undefined) early.push(...events);
    else if (events.length > 0) file.add(events);
  }
  const timer = setInterval(news, newsMs);

  async function pause(ms: number): Promise<void> {
    await clock.pause(ms, signal);
    news();
    if (broken !== undefined) throw broken;
  }

  return {
    clock,
    signal,
    served,
    own,
    pause,
    say: (message, usualSeconds) =>
      emit({ kind: 'progress', task: `drill ${task}`, message, ...(usualSeconds !== undefined && { usualSeconds }) }),
    record(event) {
      own.push(event);
      if (event.kind === 'fault') emit({ kind: 'fault', fault: event.fault, host: event.host, state: event.state });
      if (event.kind === 'health') emit({ kind: 'health', healthy: event.healthy, problems: event.problems });
      if (event.kind === 'warning') {
        emit({ kind: 'warning', message: event.message, ...(event.host !== undefined && { host: event.host }) });
      }
      try {
        add([event]);
      } catch (error) {
        // A fault's healing comes first.
        broken ??= error;
      }
    },
    async until(missing, withinMs) {
      const endMs = clock.nowMs() + withinMs;
      let found = missing();
      while (found.length > 0 && clock.nowMs() < endMs) {
        await pause(newsMs);
        found = missing();
      }
      return found;
    },
    open(opened) {
      file = opened;
      file.add(early.splice(0));
    },
    end: () => clearInterval(timer),
  };
}

/** Why clients that were never served keep a drill from beginning. */
export function notServed(missing: readonly string[]): Failure {
  return new Failure('DRILL_NOT_SERVED', 'not all clients of the drill are served, so that the fault was not put in', {
    findings: missing,
    remedy:
      'the API must answer at the endpoint, from this machine too (port 6443 of the masters, and the endpoint’s): curl -k https://ENDPOINT/livez',
  });
}
