/** A client of the cluster's DNS. */

import { Resolver } from 'node:dns/promises';
import type { ProbeEvent } from './probe-event.ts';
import { type Outcome, type Pace, startEvery } from './start-every.ts';

export interface DnsTarget {
  /** Address, or address:port. */
  readonly server: string;
  /** With its domain: nothing is appended. */
  readonly name: string;
}

/** Asks for the name's IPv4 address over UDP, on a new socket each time, once. Ends with the pace's signal or maximum. */
export function dnsProbe(
  target: DnsTarget,
  options: Pace & { readonly from: string; readonly timeoutMs: number },
  emit: (event: ProbeEvent) => void,
): Promise<void> {
  return startEvery({ probe: 'dns', from: options.from }, options, () => resolveOnce(target, options.timeoutMs), emit);
}

async function resolveOnce({ server, name }: DnsTarget, timeoutMs: number): Promise<Outcome> {
  // A resolver of its own: one that is kept would answer from memory, and learn how long to wait.
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([server]);
  const late = setTimeout(() => resolver.cancel(), timeoutMs);
  try {
    const addresses = await resolver.resolve4(name);
    return addresses.length > 0 ? { ok: true } : { ok: false, detail: 'no address in the answer' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { ok: false, detail: code === 'ECANCELLED' || code === 'ETIMEOUT' ? `no answer within ${timeoutMs} ms` : code };
  } finally {
    clearTimeout(late);
  }
}
