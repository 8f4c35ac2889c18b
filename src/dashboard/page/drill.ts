/** A drill as it happens: its clients' lanes, who holds what, events in words, and at its end the verdict. */

import { element, find, keyed, setClass, setHidden, setText } from './elements.ts';
import { compareLanes, laneColumns, laneNow, lanePaths } from './lane-columns.ts';
import type { BucketMs, DrillView, EventView, HolderView, LaneView } from './page-data.ts';

const bucketMs: BucketMs = 250;
const columns = 240;
/** The shortest that all fits into; later the last minute. */
const windowsMs = [15_000, 30_000, 60_000];
const height = 20;
const namespace = 'http://www.w3.org/2000/svg';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

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
  showMarks(drill, span);
  keyed(
    find('#lanes'),
    drill.lanes.toSorted(compareLanes),
    ({ probe, from }) => `${probe} ${from}`,
    makeLane,
    (row, lane) => updateLane(row, lane, drill, span),
  );
  keyed(
    find('#holders'),
    drill.holders,
    ({ of }) => of,
    makeHolder,
    (row, holder) => updateHolder(row, holder, drill, span),
  );
  showAxis(drill, span);
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

function showVerdict({ verdict, name, state }: DrillView): void {
  const place = find('#verdict');
  const seen = JSON.stringify([verdict, name, state]);
  if (place.dataset.seen === seen) return;
  place.dataset.seen = seen;
  place.replaceChildren();
  if (state !== 'ended' && state !== 'gone') return;
  if (verdict === undefined) {
    place.append(element('p', 'quiet', 'The recording is being judged.'));
    return;
  }
  const line = element('p', 'result');
  const link = element('a', '', 'the whole report');
  link.setAttribute('href', reportPath(name));
  line.append(element('span', `verdict ${verdict.result}`, verdict.result), ' ', link);
  const reasons = element('ul', 'reasons');
  reasons.append(...verdict.reasons.map((text) => element('li', '', text)));
  const facts = element('dl', 'facts');
  for (const fact of verdict.facts) {
    const pair = element('div');
    pair.append(element('dt', '', fact.name), element('dd', '', fact.value));
    facts.append(pair);
  }
  place.append(line, ...(verdict.reasons.length === 0 ? [] : [reasons]), facts);
}

export function reportPath(name: string): string {
  return `/recordings/${encodeURIComponent(name)}`;
}

function makeRow(kind: string, title: string, small: string): HTMLElement {
  const row = element('li', `row ${kind}`);
  const label = element('span', 'label', title);
  if (small !== '') label.append(' ', element('small', '', small));
  row.append(label);
  return row;
}

function makeLane({ probe, from }: LaneView): Element {
  const row = makeRow('lane', probe, from === 'outside' ? 'from outside' : `from ${from}`);
  const picture = document.createElementNS(namespace, 'svg');
  for (const [key, value] of Object.entries({ viewBox: `0 0 ${columns} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' })) {
    picture.setAttribute(key, value);
  }
  for (const kind of ['good', 'mixed', 'bad']) {
    const path = document.createElementNS(namespace, 'path');
    path.setAttribute('class', kind);
    picture.append(path);
  }
  row.append(picture, element('span', 'now'));
  return row;
}

function updateLane(row: Element, { bits }: LaneView, { nowMs, state }: DrillView, { fromMs, toMs }: Span): void {
  const paths = lanePaths(laneColumns(bits, bucketMs, fromMs, toMs, columns), height);
  for (const path of row.querySelectorAll('path')) {
    const kind = path.getAttribute('class');
    const d = kind === 'good' || kind === 'mixed' || kind === 'bad' ? paths[kind] : '';
    if (path.getAttribute('d') !== d) path.setAttribute('d', d);
  }
  const now = laneNow(bits, bucketMs, state === 'running' ? nowMs : 0);
  const words = row.querySelector('.now');
  if (words === null) return;
  setText(words, state === 'running' ? now.text : '');
  setClass(words, `now ${now.tone}`);
}

function makeHolder({ of }: HolderView): Element {
  const row = makeRow('holder', of.replace('kube-', ''), '');
  row.append(element('span', 'segments'), element('span', 'now'));
  return row;
}

function updateHolder(row: Element, { changes }: HolderView, { nowMs }: DrillView, { fromMs, toMs }: Span): void {
  const segments = changes.flatMap(({ ms, is, good }, index) => {
    const endMs = changes[index + 1]?.ms ?? nowMs;
    const from = Math.max(fromMs, ms);
    return endMs <= fromMs || endMs <= from ? [] : [{ key: `${ms} ${is}`, is, good, from, endMs }];
  });
  const place = row.querySelector('.segments');
  const names = [...new Set(changes.map(({ is }) => is))];
  if (place !== null) {
    keyed(
      place,
      segments,
      ({ key }) => key,
      ({ is, good }) => element('span', good ? `segment s${names.indexOf(is) % 6}` : 'segment nobody', is),
      (child, { from, endMs }) => {
        if (!(child instanceof HTMLElement)) return;
        child.style.left = `${percent(from, fromMs, toMs)}%`;
        child.style.width = `${Math.max(0.2, percent(endMs, fromMs, toMs) - percent(from, fromMs, toMs))}%`;
      },
    );
  }
  const words = row.querySelector('.now');
  if (words !== null) setText(words, changes.at(-1)?.is ?? '');
}

function showMarks({ faultMs, healedMs }: DrillView, { fromMs, toMs }: Span): void {
  const marks = [
    { ms: faultMs, kind: 'fault', text: 'fault' },
    { ms: healedMs, kind: 'heal', text: 'healed' },
  ].flatMap(({ ms, ...mark }) => (ms === undefined || ms < fromMs ? [] : [{ ...mark, ms }]));
  keyed(
    find('#marks'),
    marks,
    ({ kind }) => kind,
    ({ kind, text }) => element('span', `mark ${kind}`, text),
    (child, { ms }) => {
      if (!(child instanceof HTMLElement)) return;
      const at = percent(ms, fromMs, toMs);
      child.style.left = `${at}%`;
      child.classList.toggle('late', at > 85);
    },
  );
}

/** Seconds from the fault, or before it from the recording's start. */
function showAxis({ faultMs = 0 }: DrillView, { fromMs, toMs }: Span): void {
  const stepMs = [5000, 10_000, 30_000, 60_000, 300_000].find((step) => (toMs - fromMs) / step <= 8) ?? 600_000;
  const ticks: number[] = [];
  for (let ms = Math.ceil((fromMs - faultMs) / stepMs) * stepMs; ms + faultMs <= toMs; ms += stepMs) ticks.push(ms);
  keyed(
    find('#axis'),
    ticks.filter((ms) => ms + faultMs >= 0),
    String,
    (ms) => element('span', 'tick', `${ms > 0 ? '+' : ms < 0 ? '−' : ''}${Math.abs(ms / 1000)} s`),
    (child, ms) => {
      if (child instanceof HTMLElement) child.style.left = `${percent(ms + faultMs, fromMs, toMs)}%`;
    },
  );
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

function percent(ms: number, fromMs: number, toMs: number): number {
  return Math.round(((ms - fromMs) / (toMs - fromMs)) * 10_000) / 100;
}

function length(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
