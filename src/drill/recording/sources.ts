/** Who spoke in a recording, how often, and until when: each one's own events must come in order of time. */

import type { RecordedEvent } from '../../model/event.ts';
import { sourceOf } from './read-event.ts';
import { countedAs, timeOf } from './recording.ts';

export interface Sources {
  /** Counts an event; gives the time that its source had come to already, if that is later than the event's. */
  readonly take: (event: RecordedEvent) => number | undefined;
  /** By the name under which the footer counts them. */
  readonly counts: () => ReadonlyMap<string, number>;
}

interface Source {
  latestMs: number;
  count: number;
}

export function openSources(): Sources {
  // By kind or probe, then by what of it: hundreds of thousands of joined keys would take a second.
  const groups = new Map<string, Map<string, Source>>();

  function sourceFor(event: RecordedEvent): Source {
    const group = countedAs(event);
    let within = groups.get(group);
    if (within === undefined) {
      within = new Map();
      groups.set(group, within);
    }
    const name = event.kind === 'probe' ? event.from : sourceOf(event);
    let source = within.get(name);
    if (source === undefined) {
      source = { latestMs: Number.NEGATIVE_INFINITY, count: 0 };
      within.set(name, source);
    }
    return source;
  }

  return {
    take(event) {
      const source = sourceFor(event);
      const { latestMs } = source;
      source.count += 1;
      source.latestMs = Math.max(latestMs, timeOf(event));
      return timeOf(event) < latestMs ? latestMs : undefined;
    },
    counts: () => new Map([...groups].map(([name, within]) => [name, [...within.values()].reduce((sum, { count }) => sum + count, 0)])),
  };
}
