/** The report's page in a real headless Chromium: nothing asked of the network, drawn, moved by keys, readable on a phone and on paper. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '../../../src/drill/recording/read-recording.ts';
import { htmlReport } from '../../../src/drill/report/html-report.ts';
import { judged } from '../../../src/drill/report/judged.ts';
import { packageRoot } from '../../../src/local/package-root.ts';
import { type Chromium, findChromium, type Page, type PageOptions, startChromium } from '../../browser/chromium.ts';

const program = findChromium();

describe.skipIf(program === undefined)('the report’s page (skipped where there is no Chromium on PATH)', () => {
  let chromium: Chromium;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'trivet-report-page-'));
    const recordings = ['pass', 'over-budget'].map((name) => readRecording(join(packageRoot(), 'src/drill/testdata', `${name}.ndjson`)));
    const reports = (await Promise.all(recordings)).map((recording) => judged(recording));
    await writeFile(join(directory, 'two.html'), htmlReport(reports));
    await writeFile(join(directory, 'one.html'), htmlReport(reports.slice(0, 1)));
    chromium = await startChromium(program ?? '');
  }, 60_000);

  afterAll(async () => {
    await chromium?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function open(name: string, options: PageOptions = {}): Promise<Page> {
    const page = await chromium.open(`file://${join(directory, name)}`, options);
    if (options.script !== false) await page.evaluate(frame);
    return page;
  }

  it('draws every lane, complains of nothing and asks for nothing', async () => {
    const page = await open('two.html');
    expect(await page.evaluate(`document.querySelectorAll('.chart').length`)).toBe(2);
    expect(await page.evaluate(`[...document.querySelectorAll('.row:not(.axis) > svg')].every((svg) => svg.children.length > 0)`)).toBe(
      true,
    );
    expect(await page.evaluate(`document.querySelector('svg text.gap').textContent`)).toBe('0.60 s');
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([]);
  }, 30_000);

  it('is moved by keys: closer, to the fault, to the next event, and back to all', async () => {
    const page = await open('one.html');
    const ticks = () =>
      page.evaluate(`${frame}.then(() => [...document.querySelectorAll('text.tick')].map((tick) => tick.textContent).join())`);
    const whole = await ticks();
    await page.evaluate(`document.querySelector('.chart').focus()`);
    await page.press('+');
    const closer = await ticks();
    expect(closer).not.toBe(whole);
    await page.press('ArrowRight');
    expect(await ticks()).not.toBe(closer);
    await page.press('n');
    expect(await page.evaluate(`document.querySelector('#readout').textContent`)).toMatch(/^[+−]\d/);
    await page.press('0');
    expect(await ticks()).toBe(whole);
  }, 30_000);

  it('is zoomed by the wheel once it was chosen, and only then', async () => {
    const page = await open('one.html', { height: 1400 });
    const gap = `document.querySelector('path.gap').getBoundingClientRect().width`;
    const [x, y] = [640, 420];
    const before = Number(await page.evaluate(gap));
    await page.wheel(x, y, -10);
    expect(await page.evaluate(`${frame}.then(() => ${gap})`)).toBe(before);
    await page.evaluate(`document.querySelector('.chart').focus({ preventScroll: true })`);
    await page.wheel(x, y, -100);
    await page.evaluate(`new Promise((resolve) => setTimeout(resolve, 200))`);
    expect(Number(await page.evaluate(gap))).toBeGreaterThan(before);
  }, 30_000);

  it('tells what each client saw at the moment pointed at', async () => {
    const page = await open('one.html', { height: 1400 });
    const place = await page.evaluate(
      `(() => { const { x, y, width } = document.querySelector('path.gap').getBoundingClientRect(); return [x + width / 2, y + 4]; })()`,
    );
    const [x = 0, y = 0] = Array.isArray(place) ? place : [];
    await page.point(x, y);
    expect(await page.evaluate(`document.querySelector('#readout').textContent`)).toMatch(
      /new connections from outside: no answer within 1000 ms/,
    );
  }, 30_000);

  it.each([360, 390, 720, 1280])(
    'is no wider than a window of %i pixels',
    async (width) => {
      const page = await open('one.html', { width });
      expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(width);
      expect(
        Number(
          await page.evaluate(`Math.min(...[...document.querySelectorAll('.row > svg')].map((svg) => svg.getBoundingClientRect().width))`),
        ),
      ).toBeGreaterThan(width / 2);
    },
    30_000,
  );

  it.each([false, true])(
    'has enough contrast (dark: %s)',
    async (dark) => {
      const page = await open('two.html', { dark });
      expect(Number(await page.evaluate(leastContrast))).toBeGreaterThanOrEqual(4.5);
    },
    30_000,
  );

  it('comes on paper with its events, without its buttons', async () => {
    const page = await open('two.html', { print: true });
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.tools')).display`)).toBe('none');
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  }, 30_000);

  it('says the verdict without scripts', async () => {
    const page = await open('two.html', { script: false });
    expect((await page.picture()).length).toBeGreaterThan(1000);
    expect(page.complaints).toEqual([]);
  }, 30_000);
});

/** The next frame is done. */
const frame = `new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))`;

/** Of all texts outside the lanes against the nearest ground, by WCAG's formula. */
const leastContrast = `(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const element of document.querySelectorAll('h1, h2, h3, p, small, td, th, dt, dd, button, li, summary, .verdict, .label, #readout')) {
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
})()`;
