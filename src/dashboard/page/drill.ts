/** A drill as it happens: its time lines, events in words, and at its end the verdict. */

import { type Span, showTime } from './drill-time.ts';
import { showVerdict } from './drill-verdict.ts';
import { element, find, keyed, setClass, setHidden, setText } from './elements.ts';
import type { DrillView, EventView } from './page-data.ts';

/** The shortest that all fits into; later the last minute. */
const windowsMs = [15_000, 30_000, 60_000];

export function showDrill(drill: DrillView | undefined): void {
  const section = find('#drill');
  setHidden(section, drill === undefined);
  if (drill === undefined) return;
  if (section.childElementCount === 0) section.append(...skeleton());
  const over = drill.state === 'ended' || drill.state === 'gone';
  const windowMs = windowsMs.find((ms) => drill.nowMs <= ms) ?? 60_000;
  const toMs = Math.max(drill.nowMs, over ? 1 : windowMs);
  const span: Span = over ? { fromMs: 0, toMs } : { fromMs: toMs - windowMs, toMs };
  setText(find('#drill-title'), `Drill: ${drill.fault || drill.drill}`);
  setText(find('#drill-state'), stateWords(drill));
  showVerdict(drill);
  showTime(drill, span);
  // Of the many the last ones: newest first, so that nothing must be scrolled for.
  const events = drill.events.slice(-12).reverse();
  keyed(
    find('#events'),
    events,
    (event) => `${event.ms} ${event.text}`,
    makeEvent,
    (row, event) => updateEvent(row, event, drill),
  );
}

function skeleton(): readonly HTMLElement[] {
  const title = element('h2');
  title.id = 'drill-title';
  const state = element('p', 'quiet');
  state.id = 'drill-state';
  const verdict = element('div');
  verdict.id = 'verdict';
  const time = element('div', 'time');
  const marks = element('div', 'marks');
  marks.id = 'marks';
  const holders = element('ul', 'rows');
  holders.id = 'holders';
  holders.setAttribute('aria-label', 'who holds what');
  const lanes = element('ul', 'rows');
  lanes.id = 'lanes';
  lanes.setAttribute('aria-label', 'clients');
  const axis = element('div', 'axis');
  axis.id = 'axis';
  axis.setAttribute('aria-hidden', 'true');
  time.append(marks, holders, lanes, axis, legend());
  const side = element('div', 'side');
  const events = element('ol');
  events.id = 'events';
  side.append(element('h3', '', 'Events'), events);
  const body = element('div', 'drill-body');
  body.append(time, side);
  return [title, state, verdict, body];
}

function legend(): HTMLElement {
  const line = element('p', 'legend');
  for (const [kind, words] of [
    ['good', 'served'],
    ['mixed', 'some served'],
    ['bad', 'not served'],
  ] as const) {
    const item = element('span');
    item.append(element('i', kind), words);
    line.append(item);
  }
  return line;
}

function stateWords({ state, nowMs, faultMs, healedMs, drill }: DrillView): string {
  const running = {
    running: 'runs for',
    silent: 'says nothing any more, after',
    ended: 'ended after',
    gone: 'recording ended without its end after',
  }[state];
  const fault =
    faultMs === undefined
      ? 'the fault is not in yet'
      : healedMs === undefined
        ? `the fault is in for ${length(nowMs - faultMs)}`
        : `the fault was in for ${length(healedMs - faultMs)}`;
  return `${drill} ${running} ${length(nowMs)}; ${fault}`;
}

function makeEvent(): Element {
  const row = element('li');
  row.append(element('span', 'at'), ' ', element('span', 'text'));
  return row;
}

function updateEvent(row: Element, { ms, text, tone }: EventView, { faultMs }: DrillView): void {
  const since = ms - (faultMs ?? 0);
  const [at, words] = [row.querySelector('.at'), row.querySelector('.text')];
  if (at !== null) setText(at, `${since < 0 ? '−' : '+'}${(Math.abs(since) / 1000).toFixed(2)} s`);
  if (words !== null) setText(words, text);
  setClass(row, tone);
}

function length(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
