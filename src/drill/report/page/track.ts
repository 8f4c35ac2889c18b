/**
 * Attempts as text: for each, in order of its moment, the time since the one before (its lowest bit says that it failed), its
 * length, and of a failed one its reason's number; as bytes of seven bits, lowest first, in base64.
 */

export interface Track {
  /** The moment that an attempt stands for: its start, or of a watch's change its end. */
  readonly at: Float64Array;
  readonly lasted: Float64Array;
  /** 0: served; otherwise the reason's number, from 1. */
  readonly failed: Uint16Array;
  /** What usually lies between two attempts. */
  readonly paceMs: number;
}

export interface TrackAttempt {
  readonly at: number;
  readonly lasted: number;
  readonly failed: number;
}

/** `attempts` in order of their moments, whole milliseconds; earlier than −1000 s is not told apart. */
export function encodeTrack(attempts: readonly TrackAttempt[]): string {
  const bytes: number[] = [];
  const put = (value: number) => {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
    bytes.push(left);
  };
  put(attempts.length);
  let before = -earliestMs;
  for (const { at, lasted, failed } of attempts) {
    const moment = Math.max(before, at);
    put((moment - before) * 2 + (failed > 0 ? 1 : 0));
    put(Math.max(0, lasted));
    if (failed > 0) put(failed);
    before = moment;
  }
  let text = '';
  for (let index = 0; index < bytes.length; index += 8192) text += String.fromCharCode(...bytes.slice(index, index + 8192));
  return btoa(text);
}

const earliestMs = 1_000_000;

export function decodeTrack(text: string): Track {
  const bytes = atob(text);
  let index = 0;
  const take = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.charCodeAt(index++);
      // Past the end it is NaN, which ends the loop too.
      if (!(byte >= 128)) return value + (byte || 0) * factor;
      value += (byte - 128) * factor;
    }
  };
  const count = take();
  const at = new Float64Array(count);
  const lasted = new Float64Array(count);
  const failed = new Uint16Array(count);
  let moment = -earliestMs;
  for (let number = 0; number < count; number++) {
    const step = take();
    moment += Math.floor(step / 2);
    at[number] = moment;
    lasted[number] = take();
    if (step % 2 === 1) failed[number] = take();
  }
  return { at, lasted, failed, paceMs: paceOf(at) };
}

/** `attempts` in order of their moments. */
export function trackFrom(attempts: readonly TrackAttempt[]): Track {
  const at = Float64Array.from(attempts, (attempt) => attempt.at);
  return {
    at,
    lasted: Float64Array.from(attempts, (attempt) => attempt.lasted),
    failed: Uint16Array.from(attempts, (attempt) => attempt.failed),
    paceMs: paceOf(at),
  };
}

/** The median of the first thousand: later ones have no other pace. */
function paceOf(at: Float64Array): number {
  const steps = at.slice(1, 1001).map((moment, index) => moment - (at[index] ?? 0));
  return Math.max(1, steps.sort()[Math.floor(steps.length / 2)] ?? 1);
}

/** The first attempt whose moment is not before this one. */
export function firstFrom({ at }: Track, ms: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
