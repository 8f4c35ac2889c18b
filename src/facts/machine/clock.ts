/** What time a machine thinks it is. */

import type { Fact } from '../../model/fact.ts';

/** Milliseconds since 1970 by the machine's clock; undefined when it does not say. */
export const machineClock: Fact<number | undefined> = {
  name: 'machine-clock',
  argv: ['date', '+%s.%N'],
  parse: ({ stdout }) => {
    const match = /^(\d{9,11})\.(\d{3})\d*$/.exec(stdout.trim());
    return match === null ? undefined : Number(`${match[1]}${match[2]}`);
  },
};
