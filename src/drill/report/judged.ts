/** A recording with its verdict: what every form of the report is made of. */

import { type Lane, lanesOf } from '../judge/lanes.ts';
import type { Recording } from '../recording/recording.ts';
import { judgeRecording, type Verdict } from '../verdict.ts';

export interface Judged {
  readonly recording: Recording;
  readonly lanes: readonly Lane[];
  readonly verdict: Verdict;
}

/** `budgets`: the user's own, by name. */
export function judged(recording: Recording, budgets: ReadonlyMap<string, number> = new Map()): Judged {
  const lanes = lanesOf(recording.lines);
  return { recording, lanes, verdict: judgeRecording(recording, budgets, lanes) };
}
