/** The report for programs. */

import type { Judged } from './judged.ts';

/** One object for each recording, in the order given. */
export function jsonReport(judged: readonly Judged[]): object {
  return {
    recordings: judged.map(({ recording, verdict }) => {
      const { header, name, endMs, lines, defects, unknownLines } = recording;
      return { name, header, seconds: endMs / 1000, events: lines.length, defects, unknownLines, verdict };
    }),
  };
}
