/** How long clients may wait under each scheme: the goals of the project's own benchmarks, and the user's own instead. */

import { Failure } from '../../model/failure.ts';
import type { RecordingHeader } from '../recording/recording.ts';

export interface Budget {
  /** `new-connections`, or of one place only: `new-connections@worker`. */
  readonly name: string;
  readonly limitMs: number;
  readonly source: 'scheme' | 'recording' | 'command line';
}

/** Beside the probes' own names. */
export const specialBudgets = ['detect', 'fail-over', 'recover', 'watch-cut', 'own-delay'] as const;

/** A probe's name as budgets have it. */
export function budgetName(probe: string): string {
  return probe.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** New connections, in milliseconds after a machine was lost: bench/README.md. With one number for a lost balancer's machine. */
const newConnections: Readonly<Record<string, { readonly master: number; readonly lb?: number }>> = {
  'vip-on-masters/none': { master: 650 },
  'vip-on-masters/haproxy': { master: 900 },
  'vip-on-masters/nginx': { master: 900 },
  'external-pair/haproxy': { master: 800, lb: 1000 },
  'external-pair/nginx': { master: 800, lb: 1000 },
  'external-pair/lvs': { master: 800, lb: 1000 },
  'local-proxy/haproxy': { master: 700 },
  'local-proxy/nginx': { master: 1200 },
  'local-care/nft': { master: 1000 },
  'local-care/ipvs': { master: 1000 },
  'local-care/proxy': { master: 1000 },
};

/** What any client may wait where nothing better is known: kubelets report every 10 s. */
const patientMs = 10_000;
/** etcd chooses a leader within twice its election timeout: its own 1000 ms, or 400 ms. */
const electionMs = { standard: 2000, 'good-lan': 1000 };

/**
 * `victims`: the machines that the fault is on. `vipOwner`: who held the VIP then; nobody can cut the connections of a balancer
 * that is gone itself.
 */
export function schemeBudgets(
  { scheme, profile = 'standard', machines }: RecordingHeader,
  { victims, vipOwner }: { readonly victims: readonly string[]; readonly vipOwner: string | undefined },
): ReadonlyMap<string, number> {
  const known = Object.hasOwn(newConnections, scheme) ? newConnections[scheme] : undefined;
  const balancerLost = machines.some(({ name, roles }) => victims.includes(name) && roles.includes('lb'));
  const connectMs = (balancerLost ? known?.lb : undefined) ?? known?.master ?? patientMs;
  const cutMs = scheme.startsWith('local-care/')
    ? 1000
    : scheme.endsWith('/haproxy') && survives(scheme, victims, vipOwner)
      ? 1200
      : undefined;
  return new Map([
    ['new-connections', connectMs],
    ['linearizable-reads', Math.max(connectMs, electionMs[profile])],
    ['writes', Math.max(connectMs, electionMs[profile])],
    ['reused-connection', patientMs],
    ['watch', patientMs],
    ['kubelet', patientMs],
    ...(cutMs === undefined ? [] : [['watch-cut', cutMs] as const]),
    ['recover', 120_000],
    ['own-delay', 250],
  ]);
}

function survives(scheme: string, victims: readonly string[], vipOwner: string | undefined): boolean {
  return scheme.startsWith('local-proxy/') || (vipOwner !== undefined && !victims.includes(vipOwner));
}

/** The scheme's, then the recording's, then the command line's: the last one counts. */
export function budgetsInForce(
  scheme: ReadonlyMap<string, number>,
  recording: Readonly<Record<string, number>>,
  commandLine: ReadonlyMap<string, number>,
): readonly Budget[] {
  const budgets = new Map<string, Budget>();
  const take = (entries: Iterable<readonly [string, number]>, source: Budget['source']) => {
    for (const [name, limitMs] of entries) budgets.set(name, { name, limitMs, source });
  };
  take(scheme, 'scheme');
  take(Object.entries(recording), 'recording');
  take(commandLine, 'command line');
  return [...budgets.values()];
}

/** `new-connections=650`. A Failure USAGE when it is not understood. */
export function readBudget(argument: string): readonly [string, number] {
  const [, name = '', value = ''] = /^([a-z0-9-]+(?:@[^=]+)?)=(\d+(?:\.\d+)?)(?:ms)?$/.exec(argument) ?? [];
  if (name === '' || Number(value) > 1e9) {
    throw new Failure('USAGE', `--budget ${argument}: not understood`, {
      remedy: `--budget NAME=MILLISECONDS, such as --budget new-connections=650 or --budget watch@worker=3000; names are those of probes, ${specialBudgets.join(', ')}`,
    });
  }
  return [name, Number(value)];
}
