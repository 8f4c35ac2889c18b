/** How long clients may wait under each scheme: the goals of the project's own benchmarks, and the user's own instead. */

import { readBudgetValue, specialBudgets } from '../../model/drill-budgets.ts';
import { Failure } from '../../model/failure.ts';
import type { RecordingHeader } from '../recording/recording.ts';

export interface Budget {
  /** `new-connections`, or of one place only: `new-connections@worker`. */
  readonly name: string;
  /** Milliseconds; of `…-failures` a number of attempts. */
  readonly limitMs: number;
  readonly source: 'scheme' | 'recording' | 'command line';
}

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
/** Four looks of 0.3 s at a frozen process, and the goals of bench/care.ts: it still takes connections, so that only time tells. */
const frozenMs = 1500;
/**
 * The watcher of a VIP waits 1 s for each of two answers of what serves beside it, 0.4 s apart, and perhaps for one about etcd before:
 * slow is not dead. With a balancer an apiserver is the balancer's business.
 */
const frozenWatchedMs = 4000;
/** A holder that hears nothing is still heard: it goes by itself, after 5 s of silence (an idle kubelet asks every 3 s), and VRRP's part. */
const deafWatchedMs = 8000;
/** Applications and DNS need no control plane. Of two replicas one may be gone: at 20 a second ten attempts in a row are lost by chance. */
const applicationMs = 2000;

/** What was done, by the names of faults and exercises. */
export interface Done {
  readonly faults: readonly string[];
  /** The machines that the faults are on. */
  readonly victims: readonly string[];
  /** Who held the VIP then; nobody can cut the connections of a balancer that is gone itself. */
  readonly vipOwner: string | undefined;
}

/** Slow is no failure there: packets are lost or late, certificates of another time, or a member of etcd hears nobody. */
const slow = /^(packet-loss|packet-delay|clock-moved|master-cut-off)$/;
/** The faults in which nobody may lose a request: what is taken away says goodbye first. */
const gentle = /^(scale|rolling-update|node-drain)$/;

export function schemeBudgets(header: RecordingHeader, done: Done): ReadonlyMap<string, number> {
  const { scheme, profile = 'standard' } = header;
  const { faults } = done;
  const of = (pattern: RegExp) => faults.some((fault) => pattern.test(fault));
  const deaf = of(/^machine-deaf$/) && /^vip-on-masters\/(none|haproxy)$/.test(scheme);
  const waitMs = Math.max(of(/-frozen$/) ? frozenOf(scheme, faults) : 0, deaf ? deafWatchedMs : 0);
  const connectMs = of(slow) ? patientMs : Math.max(connectOf(header, done), waitMs);
  const electMs = Math.max(connectMs, electionMs[profile]);
  // Where etcd is lost its apiserver lives, and no balancer is asked: the gate ends the watches there, within what any watch may wait.
  const cutMs = of(slow) || of(/^etcd-/) ? undefined : cutOf(scheme, done);
  return new Map([
    // An apiserver's /livez asks etcd.
    ['new-connections', of(/^etcd-/) ? electMs : connectMs],
    ['linearizable-reads', electMs],
    ['writes', electMs],
    ['reused-connection', patientMs],
    ['watch', patientMs],
    ['kubelet', patientMs],
    ['application', of(slow) ? patientMs : applicationMs],
    ['dns', of(slow) ? patientMs : applicationMs],
    ...(of(gentle) ? [['application-failures', 0] as const] : []),
    ...(cutMs === undefined ? [] : [['watch-cut', cutMs] as const]),
    ['recover', 120_000],
    ['own-delay', 250],
  ]);
}

function connectOf({ scheme, machines }: RecordingHeader, { victims }: Done): number {
  const known = Object.hasOwn(newConnections, scheme) ? newConnections[scheme] : undefined;
  const balancerLost = machines.some(({ name, roles }) => victims.includes(name) && roles.includes('lb'));
  return (balancerLost ? known?.lb : undefined) ?? known?.master ?? patientMs;
}

function frozenOf(scheme: string, faults: readonly string[]): number {
  const watched =
    scheme === 'vip-on-masters/none' || (/^(vip-on-masters|external-pair)\//.test(scheme) && faults.includes('balancer-frozen'));
  return watched ? frozenWatchedMs : frozenMs;
}

function cutOf(scheme: string, { victims, vipOwner, faults }: Done): number | undefined {
  // A frozen apiserver is left out by balancers after longer, as above.
  const frozen = faults.some((fault) => fault.endsWith('-frozen'));
  if (scheme.startsWith('local-care/')) return frozen ? frozenMs : 1000;
  return scheme.endsWith('/haproxy') && survives(scheme, victims, vipOwner) ? (frozen ? frozenMs : 1200) : undefined;
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
  const [, name = '', value = ''] = /^([a-z0-9-]+(?:@[^=]+)?)=(.+)$/.exec(argument) ?? [];
  const limit = readBudgetValue(name, value);
  if (name === '' || limit === undefined) {
    throw new Failure('USAGE', `--budget ${argument}: not understood`, {
      remedy: `--budget NAME=MILLISECONDS, such as --budget new-connections=650, --budget watch@worker=3s or --budget application-failures=0; names are those of probes, ${specialBudgets.join(', ')}, and a probe's with -failures for a number of attempts`,
    });
  }
  return [name, limit];
}
