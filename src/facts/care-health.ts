/** How trivet care does on one machine, and what it thinks of each apiserver, in the words that balancers have. */

import { type ClusterSpec, masters } from '../model/cluster.ts';
import type { Fact } from '../model/fact.ts';
import type { BalancerBackend, BalancerHealth } from './balancer.ts';

/** Where the daemon listens unless it is told otherwise. */
const careSocket = '/run/trivet-care/care.sock';

/** Backends go by their masters' names; those that discovery alone knows, by their addresses. */
export function careHealth(cluster: ClusterSpec): Fact<BalancerHealth> {
  const names = new Map(masters(cluster).map((master) => [`${master.internalAddress}:6443`, master.name]));
  return {
    name: 'care-health',
    argv: [
      'sh',
      '-c',
      `echo "unit $(systemctl is-active trivet-care.service)"; date +%s; curl -s --max-time 3 --unix-socket ${careSocket} http://localhost/status; true`,
    ],
    parse: ({ stdout }) => {
      const [unit = '', now = '', ...json] = stdout.split('\n');
      return { unit: unit.replace(/^unit ?/, ''), backends: backendsIn(json.join('\n'), Number(now), names) };
    },
  };
}

/** undefined: the daemon did not answer. */
function backendsIn(json: string, nowSeconds: number, names: ReadonlyMap<string, string>): readonly BalancerBackend[] | undefined {
  const { backends } = record(parsed(json));
  if (!Array.isArray(backends)) return undefined;
  return backends.map((item: unknown) => {
    const { address, state, since, lastLook } = record(item);
    const began = Date.parse(String(since)) / 1000;
    return {
      name: names.get(String(address)) ?? String(address),
      state: String(state),
      sinceSeconds: Number.isNaN(began) ? 0 : Math.max(0, Math.round(nowSeconds - began)),
      lastCheck: String(record(lastLook).detail ?? ''),
    };
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
