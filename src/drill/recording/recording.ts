/** What a recording of a drill is: a header, events in order of time, a footer. One JSON object a line. */

import type { RecordedEvent } from '../../model/event.ts';

/** Grows when an older trivet would misunderstand a recording. */
export const recordingFormat = 1;

export interface RecordedMachine {
  readonly name: string;
  /** As its apiserver advertises it: watches are told apart by it. */
  readonly address?: string;
  readonly roles: readonly string[];
}

/** A probe that the drill meant to run; one that never spoke fails it. */
export interface PlannedProbe {
  readonly probe: string;
  readonly from: string;
  /** Between two attempts; undefined where attempts have no pace. */
  readonly everyMs?: number;
}

export interface RecordingHeader {
  readonly kind: 'recording';
  readonly format: number;
  /** Version of the trivet that recorded. */
  readonly trivet: string;
  readonly cluster: string;
  /** The variant: `vip-on-masters/haproxy`. */
  readonly scheme: string;
  readonly profile?: 'standard' | 'good-lan';
  /** Name of the drill: `machine-power-off`. */
  readonly drill: string;
  /** What is done, in words: `power-off of m1`. */
  readonly fault: string;
  readonly machines: readonly RecordedMachine[];
  readonly probes: readonly PlannedProbe[];
  /** Wall clock of the recording's start; everything else counts milliseconds from there. */
  readonly startedAt: string;
  /** no-writes: the fault costs etcd's quorum, so that writes must be refused until it is healed. Default service. */
  readonly expects?: 'service' | 'no-writes';
  /** Milliseconds by name, in force beside or instead of the scheme's own. */
  readonly budgets: Readonly<Record<string, number>>;
  /** How exactly the clock of a place is known, where it is not the recorder's own. */
  readonly clocks?: readonly { readonly from: string; readonly errorMs: number }[];
}

export interface RecordingFooter {
  readonly kind: 'end';
  /** Length of the recording. */
  readonly atMs: number;
  /** false: stopped before its time, by Ctrl-C or a failure. */
  readonly complete: boolean;
  /** Events by kind; of probes, by name. Tells whether lines are missing. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface RecordedLine {
  /** In the file, from 1; of events that never were in a file, their place. */
  readonly line: number;
  readonly event: RecordedEvent;
}

/** Something that makes a recording less than proof: no pass can be built on it. */
export interface RecordingDefect {
  readonly line: number;
  readonly what: string;
}

export interface Recording {
  /** For people: where it was read from. */
  readonly name: string;
  readonly header: RecordingHeader;
  /** In order of time. */
  readonly lines: readonly RecordedLine[];
  /** The footer's length, or the last event's time. */
  readonly endMs: number;
  readonly footer: RecordingFooter | undefined;
  readonly defects: readonly RecordingDefect[];
  /** Lines of kinds that this trivet does not know. */
  readonly unknownLines: number;
}

/** Milliseconds since the recording's start. */
export function timeOf(event: RecordedEvent): number {
  return event.kind === 'probe' ? event.endedMs : event.atMs;
}

/** The name under which the footer counts an event. */
export function countedAs(event: RecordedEvent): string {
  return event.kind === 'probe' ? `probe ${event.probe}` : event.kind;
}
