/** How late the probes' own processes were: gaps cannot be told more exactly. */

import { type Lane, ownDelay } from './lanes.ts';

/** How late the probes' own process was in one place. */
export interface OwnDelay {
  readonly from: string;
  readonly times: number;
  readonly worstMs: number;
  readonly line: number;
}

/** Since the fault, if there was one. */
export function ownDelaysOf(lanes: readonly Lane[], faultMs: number | undefined): readonly OwnDelay[] {
  return lanes.flatMap(({ probe, from, attempts }) => {
    const late = probe === ownDelay ? attempts.filter(({ event }) => event.endedMs >= (faultMs ?? 0)) : [];
    const length = ({ event }: (typeof late)[number]) => event.endedMs - event.startedMs;
    const worst = late.reduce<(typeof late)[number] | undefined>((a, b) => (a === undefined || length(b) > length(a) ? b : a), undefined);
    return worst === undefined ? [] : [{ from, times: late.length, worstMs: length(worst), line: worst.line }];
  });
}
