/** The report's page: opens the charts, and moves all of them together by wheel, keys, buttons and pointer. */

import { type Chart, openChart } from './chart.ts';
import type { View } from './columns.ts';
import { length } from './draw.ts';
import type { PageData } from './page-data.ts';

const data: PageData = JSON.parse(document.querySelector('#data')?.textContent ?? '{"recordings":[]}');
const readout = document.querySelector('#readout');
const charts: Chart[] = [];

/** All views count from each recording's own zero, so that recordings lie under one another by their faults. */
const whole: View = {
  fromMs: Math.min(...data.recordings.map(({ zeroMs }) => -zeroMs)),
  toMs: Math.max(1, ...data.recordings.map(({ zeroMs, endMs }) => endMs - zeroMs)),
};
const aroundFault: View = { fromMs: Math.max(whole.fromMs, -2000), toMs: Math.min(whole.toMs, aroundEnd()) };
let view = whole.toMs - whole.fromMs > 20_000 ? aroundFault : whole;
let asked = false;

/** Long enough to see every gap end. */
function aroundEnd(): number {
  const ends = data.recordings.flatMap(({ lanes, zeroMs }) => lanes.flatMap(({ gap }) => (gap === undefined ? [] : [gap.toMs - zeroMs])));
  return Math.max(5000, ...ends.filter((ms) => ms < 60_000).map((ms) => ms * 1.3));
}

for (const place of document.querySelectorAll<HTMLElement>('.chart')) {
  const recording = data.recordings[charts.length];
  if (recording !== undefined) charts.push(openChart(recording, place));
}
for (const place of document.querySelectorAll<HTMLElement>('.chart')) listen(place);
for (const button of document.querySelectorAll<HTMLElement>('[data-do]')) {
  button.addEventListener('click', () => act(button.dataset.do ?? ''));
}
for (const row of document.querySelectorAll<HTMLElement>('[data-ms]')) {
  row.addEventListener('click', () => centre(Number(row.dataset.ms)));
}
addEventListener('resize', draw);
addEventListener('beforeprint', () => {
  for (const element of document.querySelectorAll('details')) element.open = true;
  for (const chart of charts) chart.draw(view, 640);
});
addEventListener('afterprint', draw);
draw();

function draw(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    for (const chart of charts) chart.draw(view);
    document.body.dataset.drawn = String(Math.round(performance.now()));
  });
}

function show(fromMs: number, toMs: number): void {
  const span = Math.min(whole.toMs - whole.fromMs, Math.max(50, toMs - fromMs));
  const from = Math.min(Math.max(whole.fromMs, fromMs), whole.toMs - span);
  view = { fromMs: from, toMs: from + span };
  draw();
}

/** `factor` below 1 looks closer. */
function zoom(factor: number, atMs = (view.fromMs + view.toMs) / 2): void {
  show(atMs - (atMs - view.fromMs) * factor, atMs + (view.toMs - atMs) * factor);
}

function pan(part: number): void {
  const by = (view.toMs - view.fromMs) * part;
  show(view.fromMs + by, view.toMs + by);
}

function centre(ms: number): void {
  const half = Math.min(view.toMs - view.fromMs, 4000) / 2;
  show(ms - half, ms + half);
  tell(ms);
  document.querySelector('.chart')?.scrollIntoView({ block: 'nearest' });
}

function act(name: string): void {
  if (name === 'in') zoom(0.5);
  else if (name === 'out') zoom(2);
  else if (name === 'left') pan(-0.25);
  else if (name === 'right') pan(0.25);
  else if (name === 'fault') show(aroundFault.fromMs, aroundFault.toMs);
  else if (name === 'all') show(whole.fromMs, whole.toMs);
  else if (name === 'next' || name === 'previous') step(name === 'next');
}

/** To the next event, or back to the one before. */
function step(forward: boolean): void {
  const middle = (view.fromMs + view.toMs) / 2;
  const moments = [...document.querySelectorAll<HTMLElement>('[data-ms]')].map((row) => Number(row.dataset.ms)).sort((a, b) => a - b);
  const next = forward ? moments.find((ms) => ms > middle + 1) : moments.findLast((ms) => ms < middle - 1);
  if (next !== undefined) centre(next);
}

function tell(ms: number | undefined): void {
  const told = charts.map((chart) => chart.point(ms, view));
  if (readout === null || ms === undefined) return;
  const at = `${ms < 0 ? '−' : '+'}${length(Math.abs(ms))}`;
  readout.textContent =
    charts.length === 1 ? `${at}  ${told[0]}` : told.map((text, index) => `${at} ${charts[index]?.recording.title}: ${text}`).join('\n');
}

const keys: Readonly<Record<string, string>> = {
  '+': 'in',
  '=': 'in',
  '-': 'out',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  '0': 'all',
  f: 'fault',
  n: 'next',
  p: 'previous',
};

function listen(place: HTMLElement): void {
  const chart = charts[[...document.querySelectorAll('.chart')].indexOf(place)];
  if (chart === undefined) return;
  place.addEventListener('keydown', (event) => {
    const name = keys[event.key];
    if (name === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(name);
  });
  place.addEventListener(
    'wheel',
    (event) => {
      // A page that is only scrolled past must not zoom.
      if (!event.ctrlKey && document.activeElement !== place) return;
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / 1000);
      else zoom(Math.exp(Math.max(-200, Math.min(200, event.deltaY)) / 400), chart.momentAt(event.clientX, view));
    },
    { passive: false },
  );
  let held: { readonly x: number; readonly view: View } | undefined;
  place.addEventListener('pointerdown', (event) => {
    if (event.button === 0) held = { x: event.clientX, view };
  });
  addEventListener('pointerup', () => {
    held = undefined;
  });
  place.addEventListener('pointermove', (event) => {
    if (held === undefined) {
      tell(chart.momentAt(event.clientX, view));
      return;
    }
    const by = chart.momentAt(held.x, held.view) - chart.momentAt(event.clientX, held.view);
    show(held.view.fromMs + by, held.view.toMs + by);
  });
  place.addEventListener('pointerleave', () => tell(undefined));
}
