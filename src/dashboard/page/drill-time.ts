/** The time lines of a drill: its clients' lanes, who holds what, fault and healing, and the axis below them. */

import { element, find, keyed, setClass, setText } from './elements.ts';
import { compareLanes, laneColumns, laneNow, lanePaths } from './lane-columns.ts';
import type { BucketMs, DrillView, HolderView, LaneView } from './page-data.ts';

const bucketMs: BucketMs = 250;
const columns = 240;
const height = 20;
const namespace = 'http://www.w3.org/2000/svg';

/** What is seen of the recording. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function showTime(drill: DrillView, span: Span): void {
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

function percent(ms: number, fromMs: number, toMs: number): number {
  return Math.round(((ms - fromMs) / (toMs - fromMs)) * 10_000) / 100;
}
