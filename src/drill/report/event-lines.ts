/** What happened beside the probes, as lines for people: faults, who holds what, backends, nodes, looks at the cluster. */

import type { RecordedEvent } from '../../model/event.ts';
import { isExercise } from '../judge/judge-failures.ts';
import { stateOf } from '../judge/judge-times.ts';
import { plural } from '../judge/reason.ts';
import type { Recording } from '../recording/recording.ts';
import { timeOf } from '../recording/recording.ts';

export interface EventLine {
  readonly atMs: number;
  readonly line: number;
  readonly text: string;
  /** How things stood when the recording began: no event. */
  readonly initial: boolean;
}

/** In order of time; what only says again what was known is left out. */
export function eventLines({ lines }: Recording): readonly EventLine[] {
  const known = new Map<string, string>();
  return lines.flatMap(({ line, event }): readonly EventLine[] => {
    const told = (text: string, initial = false) => [{ atMs: timeOf(event), line, text, initial }];
    const state = stateOf(event);
    if (state !== undefined) {
      const before = known.get(state.of);
      known.set(state.of, state.is);
      if (before === state.is) return [];
      return before === undefined ? told(`${state.of}: ${state.is}`, true) : told(`${state.of}: ${before} → ${state.is}`);
    }
    switch (event.kind) {
      case 'fault':
        return told(faultText(event));
      case 'health':
        return told(event.healthy ? 'the cluster is whole' : `the cluster is not whole: ${event.problems.join('; ')}`);
      case 'read-back':
        return told(`${plural(event.writes.length, 'write')} from ${event.from} read back`);
      case 'warning':
        return told(event.host === undefined ? event.message : `${event.host}: ${event.message}`);
      default:
        return [];
    }
  });
}

/** An exercise is no fault: it begins, and is done. */
function faultText({ fault, host, state }: Extract<RecordedEvent, { readonly kind: 'fault' }>): string {
  if (isExercise(fault)) return `${fault} of the application ${state === 'injected' ? 'begins' : 'is done'}`;
  return `${fault} of ${host} ${state === 'injected' ? 'goes in' : 'is healed'}`;
}
