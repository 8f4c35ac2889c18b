/** A client of an application that runs in the cluster. */

import { attemptUrl } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Pace, startEvery } from './start-every.ts';

/** GET on a new TCP connection each time, such as to a node port. Ends with the pace's signal or maximum. */
export function applicationProbe(
  url: string,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  return startEvery({ probe: 'application', from: options.from }, options, () => attemptUrl(url, options.timeoutMs), emit);
}
