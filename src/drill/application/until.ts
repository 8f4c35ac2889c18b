/** Waits until something is so in the cluster, bounded, and tells what there was instead. */

import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { AskAgain } from './api-calls.ts';

export interface Patience {
  /** For one thing that is waited for. */
  readonly limitSeconds: number;
  /** Between two looks. */
  readonly pauseMs: number;
  /** Of a monotonic clock. */
  readonly nowMs: () => number;
}

export const usualPatience: Patience = { limitSeconds: 120, pauseMs: 250, nowMs: monotonicMs };

/** `instead` ends the sentence "… did not come about within 120 s: …". */
export type Look<T> = { readonly kind: 'so'; readonly value: T } | { readonly kind: 'not-yet'; readonly instead: string };

export interface Awaited extends Patience {
  readonly signal: AbortSignal;
  /** The next command, for people. */
  readonly remedy: string;
}

/**
 * Looks again and again: a watch would hang on an apiserver that died, which is what drills are about. A Failure DRILL_EXERCISE
 * after the limit, INTERRUPTED when the signal aborts; whatever else `look` throws, but AskAgain, ends it at once. A signal that aborts by its own timeout is a limit too.
 */
export async function until<T>(what: string, options: Awaited, look: () => Promise<Look<T>>): Promise<T> {
  const { limitSeconds, pauseMs, nowMs, signal, remedy } = options;
  const startedMs = nowMs();
  let instead = 'there was no time to look';
  for (;;) {
    const lateMs = nowMs() - startedMs;
    if (lateMs > limitSeconds * 1000 || isTimeout(signal)) {
      throw new Failure('DRILL_EXERCISE', `it did not come about within ${(lateMs / 1000).toFixed(1)} s that ${what}: ${instead}`, {
        remedy,
      });
    }
    if (signal.aborted) throw new Failure('INTERRUPTED', `waiting until ${what} was stopped`);
    try {
      const seen = await look();
      if (seen.kind === 'so') return seen.value;
      instead = seen.instead;
    } catch (error) {
      if (error instanceof AskAgain) instead = error.message;
      else if (!signal.aborted) throw error;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The time of the whole exercise is over: nobody stopped it. */
function isTimeout({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof Error && reason.name === 'TimeoutError';
}

export function secondsSince(startedMs: number): string {
  return `${((monotonicMs() - startedMs) / 1000).toFixed(1)} s`;
}
