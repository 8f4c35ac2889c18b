/** When an effect began, on the operator's clock, from when its order was sent and answered and what the machine's clock said meanwhile. */

export interface ToldTimes {
  /** Of the operator's monotonic clock, in milliseconds. */
  readonly sentMs: number;
  readonly receivedMs: number;
  /** What the machine printed: lines `begin`, `effect`, `end` (or `healed`, `now`) and nanoseconds of its own clock. */
  readonly stdout: string;
}

/**
 * How much of what is not known goes by before the machine's first word: ssh's start, the session's opening and the shell's start,
 * against the one way back of its last word.
 */
const shareBefore = 5 / 6;

/** Never outside of what was sent and received. `of` is the line that tells the moment; the last line tells the machine's time at the answer. */
export function effectMs({ sentMs, receivedMs, stdout }: ToldTimes, of: 'effect' | 'healed'): number {
  const times = new Map(
    [...stdout.matchAll(/^(begin|effect|end|healed|now) (\d{1,24})$/gm)].map(([, word, ns]) => [word, BigInt(ns ?? 0)]),
  );
  const [begin, end] = [times.get('begin'), times.get('end') ?? times.get('now')];
  const moment = times.get(of) ?? end;
  const width = receivedMs - sentMs;
  const unknown = begin === undefined || end === undefined ? width : width - millis(end - begin);
  // The machine's clock was moved meanwhile, or tells nothing.
  if (moment === undefined || end === undefined || unknown < 0 || unknown > width) return receivedMs - width * (1 - shareBefore);
  const guess = receivedMs - unknown * (1 - shareBefore) - millis(end - moment);
  // What was healed by the machine itself was healed before anybody asked; an announced effect comes after its answer.
  if (of === 'healed') return Math.min(guess, receivedMs);
  return Math.max(guess, sentMs);
}

function millis(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
