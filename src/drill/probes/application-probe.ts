/** A client of an application that runs in the cluster. */

import { askUrl } from './attempt.ts';
import type { ProbeEvent } from './probe-event.ts';
import { type Outcome, type Pace, startEvery } from './start-every.ts';

/**
 * GET on a new TCP connection each time, such as to a node port: one that is kept stays with its pod, and hears nothing of a rolling
 * update. The detail of a served one is the version that answered, where it tells. Ends with the pace's signal or maximum.
 */
export function applicationProbe(
  url: string,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  return startEvery({ probe: 'application', from: options.from }, options, () => askOnce(url, options.timeoutMs), emit);
}

async function askOnce(url: string, timeoutMs: number): Promise<Outcome> {
  const { ok, detail, body } = await askUrl(url, timeoutMs);
  const said = ok ? versionOf(body) : detail;
  return said === undefined ? { ok } : { ok, detail: said };
}

/** hello says: hello v1 from POD. */
function versionOf(body: string): string | undefined {
  return /^hello (\S{1,40}) from /.exec(body)?.[1];
}
