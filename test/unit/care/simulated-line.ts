/** One simulated backend and the TCP between it and us: lost packets are sent again as the kernel does it. */

import type { LookKind, LookResult } from '../../../src/care/health/look.ts';

export type Episode =
  | { readonly fromMs: number; readonly kind: 'well' | 'killed' | 'frozen' | 'black-hole' }
  /** Answers questions after so long; PINGs at once. */
  | { readonly fromMs: number; readonly kind: 'slow'; readonly byMs: number }
  /** It is alive, and this is what becomes of a question; undefined: nothing. */
  | { readonly fromMs: number; readonly kind: 'answers'; readonly result: LookResult | undefined };

export interface Reply {
  /** Infinity: never. */
  readonly atMs: number;
  readonly result: LookResult;
}

export interface Line {
  readonly connect: (ms: number) => Reply;
  /** On the held session, or on a connection of its own that has just been made (with a TLS handshake then). */
  readonly ask: (ms: number, kind: LookKind, fresh: boolean) => Reply;
  readonly newSession: () => void;
}

const rttMs = 0.5;
const rtoMs = 200;

export function simulatedLine(episodes: readonly Episode[], loss: number, random: () => number): Line {
  const start: Episode = { fromMs: Number.NEGATIVE_INFINITY, kind: 'well' };
  const at = (ms: number): Episode => episodes.findLast(({ fromMs }) => fromMs <= ms) ?? start;
  let session = { out: 0, back: 0 };
  /** When a packet arrives that is sent again after a pause that doubles. */
  const deliver = (ms: number, pauseMs: number): number => {
    let [sent, pause] = [ms, pauseMs];
    for (let tries = 0; tries < 8; tries += 1) {
      const through = at(sent).kind !== 'black-hole' && random() >= loss;
      if (through) return sent + rttMs / 2;
      sent += pause;
      pause *= 2;
    }
    return Number.POSITIVE_INFINITY;
  };
  const process = (ms: number, kind: LookKind): Reply => {
    const episode = at(ms);
    switch (episode.kind) {
      case 'killed':
        return { atMs: ms, result: 'closed' };
      case 'frozen': {
        const next = episodes.find(({ fromMs }) => fromMs > ms)?.fromMs;
        return next === undefined ? { atMs: Number.POSITIVE_INFINITY, result: 'ok' } : process(next, kind);
      }
      case 'slow':
        return { atMs: ms + (kind === 'ping' ? 0 : episode.byMs), result: 'ok' };
      case 'answers':
        if (kind === 'ping' || episode.result === 'ok') return { atMs: ms + 1, result: 'ok' };
        return { atMs: episode.result === undefined ? Number.POSITIVE_INFINITY : ms + 1, result: episode.result ?? 'ok' };
      default:
        return { atMs: ms + 1, result: 'ok' };
    }
  };
  return {
    connect: (ms) => {
      const there = deliver(ms, 1000);
      if (at(there).kind === 'killed') return { atMs: deliver(there, 1000), result: 'refused' };
      return { atMs: deliver(there, 1000), result: 'ok' };
    },
    ask: (ms, kind, fresh) => {
      // What was lost on a connection holds up all that comes after it.
      const way = fresh ? { out: 0, back: 0 } : session;
      way.out = deliver(Math.max(ms, way.out), rtoMs);
      if (fresh) for (let trip = 0; trip < 2; trip += 1) way.out = deliver(deliver(way.out, rtoMs), rtoMs);
      const done = process(way.out, kind);
      if (!Number.isFinite(done.atMs)) return done;
      const sentMs = Math.max(done.atMs, way.back);
      const atMs = deliver(sentMs, rtoMs);
      // A slow answer holds up nothing on its session; a lost one does.
      if (atMs > sentMs + rttMs) way.back = atMs;
      return { atMs, result: done.result };
    },
    newSession: () => {
      session = { out: 0, back: 0 };
    },
  };
}
