/** The time line as characters: one a cell of time, for each probe in each place and each thing that has a state. */

import { type Lane, ownDelay } from '../judge/lanes.ts';
import type { Judged } from './judged.ts';
import { columnsOf, failed, served, type View } from './page/columns.ts';
import type { PageState } from './page/page-data.ts';
import { trackFrom } from './page/track.ts';
import { pageStates, trackOf } from './page-input.ts';

const beforeMs = 1000;
const cellSizes = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000];

/** Lines without a line end, about so many columns wide. */
export function strips(judged: Judged, columns: number): readonly string[] {
  const { recording, verdict } = judged;
  const places = Map.groupBy(
    judged.lanes.filter(({ probe }) => probe !== ownDelay),
    ({ probe, from }) => `${probe} from ${from}`,
  );
  // What was well all the time is not worth a line.
  const states = pageStates(recording).filter(({ changes }) => changes.length > 1 || changes[0]?.tone !== 'good');
  const width = Math.min(44, Math.max(8, ...[...places.keys(), ...states.map(({ title }) => title)].map((title) => title.length)));
  const { fromMs, cellMs, cells } = scale(judged, Math.max(20, columns - width - 2));
  const line = (title: string, text: string) =>
    `${title.length > width ? `${title.slice(0, width - 1)}…` : title.padEnd(width)}  ${text}`.trimEnd();
  return [
    line('', ruler(fromMs - (verdict.fault.injectedMs ?? 0), cellMs, cells)),
    ...[...places].map(([title, lanes]) => line(title, laneText(lanes, { fromMs, toMs: fromMs + cells * cellMs }, cells))),
    ...states.map((state) => line(state.title, stateText(state, recording.endMs, { fromMs, cellMs, cells }))),
    '',
    `One character is ${cellMs} ms: █ served, ▒ some served, · none served.`,
    ...zeroText(judged),
  ];
}

function laneText(lanes: readonly Lane[], view: View, cells: number): string {
  const clients = lanes.map((lane) => columnsOf(trackFrom(trackOf(lane, () => 1)), view, cells));
  return Array.from({ length: cells }, (_, cell) => markOf(clients.map((own) => own[cell] ?? 0))).join('');
}

interface Scale {
  readonly fromMs: number;
  readonly cellMs: number;
  readonly cells: number;
}

function stateText({ changes }: PageState, endMs: number, { fromMs, cellMs, cells }: Scale): string {
  const text = Array.from({ length: cells }, () => ' ');
  for (const [index, { ms, is }] of changes.entries()) {
    const from = Math.max(0, Math.round((ms - fromMs) / cellMs));
    const to = Math.min(cells, Math.round(((changes[index + 1]?.ms ?? endMs) - fromMs) / cellMs));
    const word = [...`│${is} `];
    for (let cell = from; cell < to; cell++) text[cell] = word[cell - from] ?? '─';
  }
  return text.join('');
}

function zeroText({ recording, verdict }: Judged): readonly string[] {
  return verdict.fault.injectedMs === undefined ? [] : [`0 s is the ${recording.header.fault}.`];
}

function markOf(clients: readonly number[]): string {
  const bits = clients.reduce((all, own) => all | own, 0);
  if (bits === 0) return ' ';
  if (bits === failed) return '·';
  // Of several clients, one that hears nothing is not served either.
  return bits === served && clients.every((own) => own === served) ? '█' : '▒';
}

/** From a second before the fault until every gap has ended and a while longer; the smallest cells that fit. */
function scale({ recording, lanes, verdict }: Judged, room: number): Scale {
  const zeroMs = verdict.fault.injectedMs;
  const firstMs = lanes.reduce((least, { attempts }) => Math.min(least, attempts[0]?.event.startedMs ?? 0), 0);
  const ends = verdict.gaps
    .filter(({ gapMs, endMs }) => gapMs > 200 && (endMs ?? 0) > (zeroMs ?? 0))
    .map(({ endMs }) => endMs ?? recording.endMs);
  const fromMs = zeroMs === undefined ? firstMs : zeroMs - beforeMs;
  const toMs = zeroMs === undefined ? recording.endMs : Math.min(recording.endMs, Math.max(zeroMs + 3000, ...ends.map((ms) => ms + 1500)));
  const cellMs = cellSizes.find((size) => (toMs - fromMs) / size <= room) ?? Math.ceil((toMs - fromMs) / room);
  return { fromMs, cellMs, cells: Math.max(1, Math.ceil((toMs - fromMs) / cellMs)) };
}

/** A mark where a second begins, as many as have room. */
function ruler(fromMs: number, cellMs: number, cells: number): string {
  const text = Array.from({ length: cells }, () => ' ');
  const everyMs = [1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000].find((ms) => ms / cellMs >= 7) ?? 600_000;
  for (let ms = Math.ceil(fromMs / everyMs) * everyMs; (ms - fromMs) / cellMs < cells; ms += everyMs) {
    const first = Math.round((ms - fromMs) / cellMs);
    for (const [index, character] of [...`|${Math.round(ms / 1000)} s`.replace('-', '−')].entries()) {
      if (first + index < cells) text[first + index] = character;
    }
  }
  return text.join('');
}
