/** Faults: what each does on a machine and how it is undone, as scripts for that machine or as power in the lab. */

import type { Connect } from '../../model/connection.ts';
import type { Host } from '../../model/host.ts';
import type { DrillView } from '../drills/drill.ts';

/** balancer: whatever the scheme has there (haproxy, nginx, trivet care). The last two: of the machine whose instance leads. */
export const processNames = [
  'kubelet',
  'containerd',
  'keepalived',
  'balancer',
  'etcd',
  'apiserver',
  'controller-manager',
  'scheduler',
] as const;
export const processModes = ['killed', 'frozen', 'restarted'] as const;
export const otherFaults = [
  'machine-power-off',
  'machine-reboot',
  'machine-frozen',
  /** Nothing in or out but the operator's SSH, loopback and, in the lab, the probes' own place. */
  'machine-isolated',
  /** One direction only: what comes in is dropped. */
  'machine-deaf',
  /** What goes out is dropped. */
  'machine-mute',
  /** Cut from the other masters, not from clients and workers. */
  'master-cut-off',
  'packet-loss',
  'packet-delay',
  'multicast-blocked',
  /** keepalived is stopped on the VIP's owner, and started again: drift and failback. */
  'vip-drift',
  'etcd-disk-full',
  'clock-moved',
] as const;

export type ProcessName = (typeof processNames)[number];
export type FaultName = `${ProcessName}-${(typeof processModes)[number]}` | (typeof otherFaults)[number];

/** Shell scripts (sh) for one machine, run there as root; all may be run again. */
export interface MachineFault {
  readonly kind: 'machine';
  /** Ends with 0 where the fault can be injected; else prints why not, for people, and ends with 1. Changes nothing. */
  readonly possible: string;
  readonly inject: string;
  /** Empty: it heals by itself. */
  readonly heal: string;
  /** Ends with 0 when nothing of the fault is left on the machine. */
  readonly gone: string;
}

/** Done to a machine from outside, by the box that the lab runs on. */
export interface PowerFault {
  readonly kind: 'power';
  readonly power: 'off' | 'frozen';
}

export type FaultOnMachine = MachineFault | PowerFault;

/**
 * A lab's power switches. Each arms its own undo before it acts: a process of its own, which survives this one and undoes after
 * `limitSeconds` whatever happens. Undone early by `undo()`, which waits until the machine answers SSH again.
 */
export interface LabPower {
  readonly act: (
    power: PowerFault['power'],
    machine: string,
    options: { readonly limitSeconds: number; readonly signal: AbortSignal },
  ) => Promise<{ readonly actedAtMs: number; readonly undo: (signal?: AbortSignal) => Promise<void> }>;
  /**
   * All machines share the box's processors. A master that is cut off spins (its apiserver and etcd try again and again, most of a core),
   * which costs nobody else anything on machines of their own: aside, it gets what the others leave. Needs no undo of its own.
   */
  readonly aside?: (machine: string, aside: boolean) => Promise<void>;
  /** One sentence for each fault of an earlier drill that waits for its undo. */
  readonly left?: () => Promise<readonly string[]>;
}

export interface InjectInput {
  readonly fault: FaultName;
  readonly victim: Host;
  readonly view: DrillView;
  readonly connect: Connect;
  /** undefined on a real cluster. */
  readonly power: LabPower | undefined;
  /** Letters, digits and dashes: names the unit that undoes the fault by itself. */
  readonly id: string;
  /** The machine undoes the fault by itself after so long, whatever becomes of the operator. */
  readonly limitSeconds: number;
  readonly signal: AbortSignal;
}

export interface Injected {
  /** Milliseconds of this process's monotonic clock (probes/monotonic.ts): when the effect began. */
  readonly atMs: number;
  /** Undoes it now, disarms the machine's own undo and proves that it is gone. A Failure DRILL_HEAL tells what is left and how to undo it by hand. */
  readonly heal: () => Promise<{ readonly atMs: number }>;
}
