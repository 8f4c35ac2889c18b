/** Writes a recording as it happens: each event is in the file before anything is made of it. */

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { RecordedEvent } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';
import { countedAs, type RecordingFooter, type RecordingHeader, recordingFormat } from './recording.ts';

export interface DrillRecorder {
  readonly file: string;
  /** Times count from the recording's start. */
  readonly record: (event: RecordedEvent) => void;
  /** Writes the end, and waits until the disk has it. Once; nothing can be recorded afterwards. */
  readonly end: (input: { readonly atMs: number; readonly complete: boolean }) => void;
}

export type HeaderInput = Omit<RecordingHeader, 'kind' | 'format'>;

/** Makes the file, which must not be there yet and which only its owner may read. A Failure DRILL_RECORDING when that cannot be. */
export function drillRecorder(file: string, header: HeaderInput): DrillRecorder {
  let descriptor: number | undefined = attempt(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'wx', 0o600);
  });
  const counts = new Map<string, number>();
  const write = (value: object) =>
    attempt(file, () => {
      if (descriptor === undefined) throw new Error('its end was written already');
      // At once and whole, so that a crash cuts no more than the last line.
      writeSync(descriptor, `${JSON.stringify(value)}\n`);
    });
  write({ kind: 'recording', format: recordingFormat, ...header });
  return {
    file,
    record(event) {
      write(rounded(event));
      counts.set(countedAs(event), (counts.get(countedAs(event)) ?? 0) + 1);
    },
    end({ atMs, complete }) {
      const footer: RecordingFooter = { kind: 'end', atMs: tenths(atMs), complete, counts: Object.fromEntries(counts) };
      write(footer);
      attempt(file, () => {
        if (descriptor === undefined) return;
        fsyncSync(descriptor);
        closeSync(descriptor);
      });
      descriptor = undefined;
    },
  };
}

/** Packs a recording that has its end, to about a fifteenth; gives the new path. Until that is on disk the old one stays. */
export function packRecording(file: string): string {
  const packed = `${file}.gz`;
  return attempt(packed, () => {
    const descriptor = openSync(`${packed}.part`, 'w', 0o600);
    writeSync(descriptor, gzipSync(readFileSync(file)));
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(`${packed}.part`, packed);
    rmSync(file);
    return packed;
  });
}

/** The same event on the recording's clock, from one whose times count from another moment of the same clock. */
export function sinceStart<E extends RecordedEvent>(event: E, startMs: number): E {
  if (event.kind === 'probe') return { ...event, startedMs: event.startedMs - startMs, endedMs: event.endedMs - startMs };
  return { ...event, atMs: event.atMs - startMs };
}

/** Tenths of a millisecond: a third of the file would be digits that mean nothing. */
function rounded(event: RecordedEvent): RecordedEvent {
  if (event.kind === 'probe') return { ...event, startedMs: tenths(event.startedMs), endedMs: tenths(event.endedMs) };
  return { ...event, atMs: tenths(event.atMs) };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure('DRILL_RECORDING', `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
