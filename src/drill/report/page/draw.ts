/** Draws lanes as SVG: colours come from the style sheet, so that light, dark and paper need no second drawing. */

import { type columnsOf, failed, runsOf, served, type View } from './columns.ts';
import type { PageGap, PageMark, PageState } from './page-data.ts';
import type { Track } from './track.ts';

const namespace = 'http://www.w3.org/2000/svg';

export function svg(name: string, attributes: Readonly<Record<string, string | number>>, text?: string): SVGElement {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

export interface Strip {
  readonly width: number;
  readonly view: View;
}

export const laneHeight = 30;
export const stateHeight = 18;

/** Served: full height. Not served: the lower part only, so that it is told without colours too. */
export function drawTracks(tracks: readonly Track[], { width, view }: Strip, columns: typeof columnsOf): readonly SVGElement[] {
  const height = laneHeight / tracks.length;
  const paths = { good: '', mixed: '', bad: '' };
  for (const [index, track] of tracks.entries()) {
    const top = index * height;
    const bottom = top + height - (tracks.length > 1 ? Math.min(1, height / 4) : 0);
    for (const { from, to, bits } of runsOf(columns(track, view, width))) {
      const kind = bits === served ? 'good' : bits === failed ? 'bad' : 'mixed';
      const part = kind === 'good' ? 0 : kind === 'mixed' ? 0.35 : 0.72;
      paths[kind] += `M${from} ${(top + (bottom - top) * part).toFixed(1)}H${to}V${bottom.toFixed(1)}H${from}z`;
    }
  }
  return Object.entries(paths).flatMap(([kind, d]) => (d === '' ? [] : [svg('path', { class: kind, d })]));
}

/** A bracket from the last success to the next, with its length: within it where there is room, otherwise beside it. */
export function drawGap(gap: PageGap, strip: Strip): readonly SVGElement[] {
  const from = xOf(gap.fromMs, strip);
  const to = xOf(gap.toMs, strip);
  if (to < 0 || from > strip.width) return [];
  const label = length(gap.toMs - gap.fromMs);
  const wide = label.length * 6.2 + 8;
  const kind = gap.bad ? 'gap over' : 'gap';
  const left = to - from > wide + 4 ? middle(from, to, strip) - wide / 2 : to + 3 + wide < strip.width ? to + 3 : from - 3 - wide;
  return [
    svg('path', { class: kind, d: `M${from} 1V7M${from} 4H${to}M${to} 1V7` }),
    svg('rect', { class: 'plate', x: left, y: to - from > wide + 4 ? 7 : 1, width: wide, height: 14, rx: 3 }),
    svg('text', { class: kind, x: left + 4, y: to - from > wide + 4 ? 18 : 12 }, label),
  ];
}

/** Of the part that is in view. */
function middle(from: number, to: number, { width }: Strip): number {
  return (Math.max(0, from) + Math.min(width, to)) / 2;
}

export function drawState({ changes }: PageState, endMs: number, strip: Strip): readonly SVGElement[] {
  return changes.flatMap(({ ms, is, tone }, index) => {
    const from = Math.max(0, xOf(ms, strip));
    const to = Math.min(strip.width, xOf(changes[index + 1]?.ms ?? endMs, strip));
    if (to <= from) return [];
    const box = svg('rect', { class: `state t${tone}`, x: from, y: 1, width: Math.max(1, to - from), height: stateHeight - 2, rx: 2 });
    box.append(svg('title', {}, is));
    const fits = to - from > is.length * 6.5 + 8;
    return fits ? [box, svg('text', { class: `state t${tone}`, x: from + 4, y: stateHeight - 5 }, is)] : [box];
  });
}

export function drawMarks(marks: readonly PageMark[], height: number, strip: Strip): readonly SVGElement[] {
  return marks.flatMap(({ ms, kind }) => {
    const x = xOf(ms, strip);
    return x < 0 || x > strip.width ? [] : [svg('line', { class: `mark ${kind}`, x1: x, x2: x, y1: 0, y2: height })];
  });
}

export const axisHeight = 34;

/** Seconds from the fault, with the names of marks above. */
export function drawAxis(marks: readonly PageMark[], zeroMs: number, strip: Strip): readonly SVGElement[] {
  const { width, view } = strip;
  const stepMs = stepOf(((view.toMs - view.fromMs) / width) * 80);
  const elements: SVGElement[] = [];
  for (let ms = Math.ceil((view.fromMs - zeroMs) / stepMs) * stepMs; ms + zeroMs <= view.toMs; ms += stepMs) {
    const x = xOf(ms + zeroMs, strip);
    elements.push(svg('line', { class: 'tick', x1: x, x2: x, y1: axisHeight - 5, y2: axisHeight }));
    const anchor = x < 24 ? 'start' : x > width - 24 ? 'end' : 'middle';
    elements.push(svg('text', { class: 'tick', x, y: axisHeight - 8, 'text-anchor': anchor }, clock(ms, stepMs)));
  }
  let taken = Number.NEGATIVE_INFINITY;
  for (const mark of marks) {
    const x = xOf(mark.ms, strip);
    const wide = mark.text.length * 6.6;
    if (x < 0 || x > width || x < taken) continue;
    const anchor = x + wide > width ? 'end' : 'start';
    elements.push(svg('text', { class: `mark ${mark.kind}`, x, y: 11, 'text-anchor': anchor }, mark.text));
    taken = anchor === 'end' ? x : x + wide + 8;
  }
  return elements;
}

export function xOf(ms: number, { width, view }: Strip): number {
  return Math.round(((ms - view.fromMs) / (view.toMs - view.fromMs)) * width * 10) / 10;
}

/** 1, 2 or 5 with zeros: the least that is not less. */
function stepOf(leastMs: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, leastMs)));
  return power * ([1, 2, 5].find((factor) => factor * power >= leastMs) ?? 10);
}

function clock(ms: number, stepMs: number): string {
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  const sign = ms > 0 ? '+' : ms < 0 ? '−' : '';
  return `${sign}${(Math.abs(ms) / 1000).toFixed(digits)} s`;
}

export function length(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 1000).toFixed(1)} s`;
}
