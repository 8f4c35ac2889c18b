/** Which looks at one backend are under way: looks overlap, for nobody waits for an answer that may never come. */

import type { LookKind } from './look.ts';

export interface LaneUse {
  readonly open: number;
  /** Monotonic milliseconds at which the last one began; -Infinity: none ever. */
  readonly lastBegunMs: number;
}

/** By the kind that was asked for, whatever the look said it became. */
export type LooksUnderWay = Readonly<Record<LookKind, LaneUse>>;

const never: LaneUse = { open: 0, lastBegunMs: Number.NEGATIVE_INFINITY };

export const noLooks: LooksUnderWay = { ping: never, check: never, connect: never, fresh: never };

export function lookBegun(looks: LooksUnderWay, kind: LookKind, nowMs: number): LooksUnderWay {
  return { ...looks, [kind]: { open: looks[kind].open + 1, lastBegunMs: nowMs } };
}

export function lookEnded(looks: LooksUnderWay, kind: LookKind): LooksUnderWay {
  return { ...looks, [kind]: { ...looks[kind], open: Math.max(0, looks[kind].open - 1) } };
}
