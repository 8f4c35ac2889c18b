/** The recording while it grows, for those who look on, and as it stays: in order of time, with what is known of clocks at the end. */

import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RecordedEvent } from '../../model/event.ts';
import { stateOf } from '../judge/judge-times.ts';
import { ownDelay } from '../judge/lanes.ts';
import { drillRecorder, type HeaderInput, packRecording, sinceStart } from '../recording/recorder.ts';
import { timeOf } from '../recording/recording.ts';

export interface RecordingFile {
  /** NAME.ndjson */
  readonly path: string;
  /** Times on this process's monotonic clock; what came before the recording's start is left out, but for how things stood. */
  readonly add: (events: readonly RecordedEvent[]) => void;
  /** Ends it and puts the final one in its place: NAME.ndjson.gz, whose path it gives. */
  readonly end: (input: EndInput) => string;
}

export interface EndInput {
  /** All events; undefined: those that were added are all there are. */
  readonly events: readonly RecordedEvent[] | undefined;
  readonly clocks: readonly { readonly from: string; readonly errorMs: number }[];
  readonly endMs: number;
  readonly complete: boolean;
}

/** Makes the growing file. */
export function recordingFile(path: string, header: HeaderInput, startMs: number): RecordingFile {
  const growing = drillRecorder(path, header);
  const added: RecordedEvent[] = [];
  const clients = new Set(header.probes.map(({ from }) => from));
  // Without clients nothing is measured there: a frozen machine would say that it was late itself.
  const counts = (event: RecordedEvent) => event.kind !== 'probe' || event.probe !== ownDelay || clients.has(event.from);
  const own = (events: readonly RecordedEvent[]) => fromStart(events.filter(counts), startMs);
  return {
    path,
    add(events) {
      const news = own(events);
      for (const event of news) growing.record(event);
      added.push(...news);
    },
    end({ events, clocks, endMs, complete }) {
      const end = { atMs: endMs - startMs, complete };
      growing.end(end);
      // Hidden, so that whoever lists recordings does not see two of one drill.
      const hidden = join(dirname(path), `.${basename(path)}`);
      const final = drillRecorder(hidden, { ...header, ...(clocks.length > 0 && { clocks }) });
      for (const event of events === undefined ? added : own(events)) final.record(event);
      final.end(end);
      const packed = `${path}.gz`;
      renameSync(packRecording(hidden), packed);
      rmSync(path);
      return packed;
    },
  };
}

/** In order of time, counted from the start. Of each state that was told before it, the last one is kept, as of the start. */
function fromStart(events: readonly RecordedEvent[], startMs: number): readonly RecordedEvent[] {
  const states = new Map<string, RecordedEvent>();
  const rest: RecordedEvent[] = [];
  for (const event of events.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const own = sinceStart(event, startMs);
    if (own.kind === 'probe') {
      if (own.startedMs >= 0) rest.push(own);
    } else if (own.atMs >= 0) rest.push(own);
    else {
      const state = stateOf(own);
      if (state !== undefined) states.set(state.of, { ...own, atMs: 0 });
    }
  }
  return [...states.values(), ...rest];
}
