/** One recording's lanes on the page: label beside or above each, one time scale for all. */

import { columnsOf, spansOf, type View } from './columns.ts';
import { axisHeight, drawAxis, drawGap, drawMarks, drawState, drawTracks, laneHeight, stateHeight, svg, xOf } from './draw.ts';
import type { PageRecording } from './page-data.ts';
import { decodeTrack, firstFrom, type Track } from './track.ts';

export interface Chart {
  readonly recording: PageRecording;
  /** `view`: from the recording's own zero. `width`: in pixels; undefined: as wide as the page has room. */
  readonly draw: (view: View, width?: number) => void;
  /** What all lanes say at a moment (from zero), and a line there; undefined: none. */
  readonly point: (ms: number | undefined, view: View) => string;
  /** The moment under a place of the window. */
  readonly momentAt: (clientX: number, view: View) => number;
}

interface Row {
  readonly canvas: SVGElement;
  readonly height: number;
  readonly draw: (strip: { readonly width: number; readonly view: View }) => readonly SVGElement[];
  readonly tells: (ms: number) => string | undefined;
}

export function openChart(recording: PageRecording, place: HTMLElement): Chart {
  const rows: readonly Row[] = [
    axisRow(recording),
    ...recording.lanes.map(laneRow),
    ...recording.states.map((state) => stateRow(state, recording)),
  ];
  const titles = ['', ...recording.lanes.map(({ title }) => title), ...recording.states.map(({ title }) => title)];
  const notes = ['', ...recording.lanes.map(({ note }) => note), ...recording.states.map(() => '')];
  for (const [index, { canvas }] of rows.entries()) {
    const row = document.createElement('div');
    row.className = index === 0 ? 'row axis' : index <= recording.lanes.length ? 'row' : 'row small';
    const label = document.createElement('div');
    label.className = 'label';
    label.append(titles[index] ?? '');
    const note = document.createElement('small');
    note.textContent = notes[index] ?? '';
    if (note.textContent !== '') label.append(' ', note);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', index === 0 ? 'seconds from the fault' : `${titles[index]}: ${notes[index]}`);
    row.append(label, canvas);
    place.append(row);
  }
  const first = rows[0]?.canvas;
  const shifted = ({ fromMs, toMs }: View): View => ({ fromMs: fromMs + recording.zeroMs, toMs: toMs + recording.zeroMs });
  return {
    recording,
    draw(view, fixed) {
      const width = Math.max(100, Math.floor(fixed ?? first?.getBoundingClientRect().width ?? 0));
      const strip = { width, view: shifted(view) };
      for (const { canvas, height, draw } of rows) {
        canvas.setAttribute('viewBox', `0 0 ${width} ${height}`);
        canvas.replaceChildren(...draw(strip), ...(height === axisHeight ? [] : drawMarks(recording.marks, height, strip)));
      }
    },
    point(ms, view) {
      for (const { canvas, height } of rows) {
        canvas.querySelector('.cursor')?.remove();
        const width = Number(canvas.getAttribute('viewBox')?.split(' ')[2]);
        if (ms === undefined || !(width > 0)) continue;
        const x = xOf(ms, { width, view });
        canvas.append(svg('line', { class: 'cursor', x1: x, x2: x, y1: 0, y2: height }));
      }
      if (ms === undefined) return '';
      return rows.flatMap(({ tells }) => tells(ms + recording.zeroMs) ?? []).join(' · ');
    },
    momentAt(clientX, view) {
      const { left = 0, width = 1 } = first?.getBoundingClientRect() ?? {};
      return view.fromMs + ((clientX - left) / width) * (view.toMs - view.fromMs);
    },
  };
}

function axisRow({ marks, zeroMs }: PageRecording): Row {
  return { canvas: svg('svg', {}), height: axisHeight, draw: (strip) => drawAxis(marks, zeroMs, strip), tells: () => undefined };
}

function laneRow({ title, tracks, spans, gap, reasons }: PageRecording['lanes'][number]): Row {
  const decoded = tracks.map(decodeTrack);
  return {
    canvas: svg('svg', {}),
    height: laneHeight,
    draw: (strip) => [...drawTracks(decoded, strip, spans ? spansOf : columnsOf), ...(gap === undefined ? [] : drawGap(gap, strip))],
    tells(ms) {
      const told = decoded.flatMap((track) => tellsOf(track, reasons, ms) ?? []);
      return told.length === 0 ? undefined : `${title}: ${[...new Set(told)].join(', ')}`;
    },
  };
}

/** What the last attempt before a moment came to, if that was not long ago. */
function tellsOf(track: Track, reasons: readonly string[], ms: number): string | undefined {
  const index = firstFrom(track, ms + 1) - 1;
  const at = track.at[index];
  if (at === undefined || ms - at > track.paceMs * 3) return undefined;
  const reason = track.failed[index] ?? 0;
  return reason === 0 ? `served in ${track.lasted[index]} ms` : (reasons[reason - 1] ?? 'failed');
}

function stateRow(state: PageRecording['states'][number], { endMs }: PageRecording): Row {
  return {
    canvas: svg('svg', {}),
    height: stateHeight,
    draw: (strip) => drawState(state, endMs, strip),
    tells(ms) {
      const last = state.changes.findLast((change) => change.ms <= ms);
      return last === undefined ? undefined : `${state.title}: ${last.is}`;
    },
  };
}
