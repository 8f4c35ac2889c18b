/** What a track says in each column of pixels: the picture's cost is its width, not the recording's length. */

import { firstFrom, type Track } from './track.ts';

/** Bits of a column: somebody was served, somebody was not. */
export const served = 1;
export const failed = 2;

export interface View {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * An attempt stands for the time until the next one, when that comes at the usual pace: so that a client that is always served is
 * one bar, and one that is silent leaves a hole.
 */
export function columnsOf(track: Track, view: View, width: number): Uint8Array {
  const longestMs = track.paceMs * 3;
  return painted(track, view, width, longestMs, (startMs, nextMs) => (nextMs - startMs <= longestMs ? nextMs : startMs + track.paceMs));
}

/** The same for what is no attempt: each has its own length, and nothing is said in between. */
export function spansOf(track: Track, view: View, width: number): Uint8Array {
  const longestMs = track.lasted.reduce((most, lasted) => Math.max(most, lasted), 0);
  return painted(track, view, width, longestMs, (startMs, _, index) => startMs + (track.lasted[index] ?? 0));
}

function painted(
  track: Track,
  { fromMs, toMs }: View,
  width: number,
  longestMs: number,
  endOf: (startMs: number, nextMs: number, index: number) => number,
): Uint8Array {
  const columns = new Uint8Array(width);
  const perMs = width / (toMs - fromMs);
  for (let index = firstFrom(track, fromMs - longestMs); index < track.at.length; index++) {
    const startMs = track.at[index] ?? 0;
    if (startMs > toMs) break;
    const endMs = endOf(startMs, track.at[index + 1] ?? Number.POSITIVE_INFINITY, index);
    const bit = track.failed[index] === 0 ? served : failed;
    const first = Math.max(0, Math.floor((startMs - fromMs) * perMs));
    const last = Math.min(width - 1, Math.max(first, Math.ceil((endMs - fromMs) * perMs) - 1));
    for (let column = first; column <= last; column++) columns[column] = (columns[column] ?? 0) | bit;
  }
  return columns;
}

export interface Run {
  readonly from: number;
  readonly to: number;
  readonly bits: number;
}

/** Neighbours that say the same, without the empty ones. */
export function runsOf(columns: Uint8Array): readonly Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < columns.length; ) {
    const bits = columns[from] ?? 0;
    let to = from + 1;
    while (to < columns.length && columns[to] === bits) to += 1;
    if (bits !== 0) runs.push({ from, to, bits });
    from = to;
  }
  return runs;
}
