/** The dashboard's page in a real headless Chromium, over real HTTP, of a simulated cluster: seen, moved by keys, narrow, dark, lost and found. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Dashboard, openDashboard } from '../../../src/dashboard/open-dashboard.ts';
import { packRecording } from '../../../src/drill/recording/recorder.ts';
import { type Chromium, findChromium, type Page, type PageOptions, startChromium } from '../../browser/chromium.ts';
import { simulatedStatus } from '../../browser/simulated-cluster.ts';
import { script, simulateDrill } from '../../browser/simulated-drill.ts';

const program = findChromium();
/** The machine whose card has the VIP's marker. */
const markerExpression = `(document.querySelector('#vip')?.closest('[data-machine]')?.dataset.machine ?? '')`;

describe.skipIf(program === undefined)('the dashboard’s page (skipped where there is no Chromium on PATH)', { timeout: 60_000 }, () => {
  let chromium: Chromium;
  let directory: string;
  let dashboard: Dashboard;
  let status = simulatedStatus();

  beforeAll(async () => {
    chromium = await startChromium(program ?? '');
  }, 60_000);
  afterAll(() => chromium?.close(), 60_000);

  const start = (more: { readonly port?: number; readonly token?: string; readonly everyMs?: number } = {}) =>
    openDashboard({
      cluster: 'rehearsal',
      scheme: 'vip-on-masters/haproxy',
      look: () => Promise.resolve(status),
      recordings: directory,
      port: 0,
      everyMs: 100,
      ...more,
    });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trivet-dashboard-page-'));
    status = simulatedStatus();
    dashboard = await start();
  });
  afterEach(async () => {
    await dashboard.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Until the expression is true in the page. */
  async function until(page: Page, expression: string): Promise<void> {
    const asked = `new Promise((resolve) => { const end = performance.now() + 20000; const look = () => (${expression}) ? resolve(true) : performance.now() > end ? resolve(false) : setTimeout(look, 20); look(); })`;
    if ((await page.evaluate(asked)) !== true) throw new Error(`never: ${expression}`);
  }

  async function open(options: PageOptions = {}): Promise<Page> {
    const page = await chromium.open(dashboard.url, options);
    await until(page, `document.querySelectorAll('[data-machine]').length >= 4`);
    return page;
  }

  const text = (page: Page, selector: string) => page.evaluate(`document.querySelector('${selector}')?.innerText ?? ''`);

  it('shows who holds the VIP, who leads and what quorum allows; hides the token; complains of nothing', async () => {
    const page = await open();
    expect(await page.evaluate(markerExpression)).toBe('m1');
    expect(await page.evaluate('location.search + document.cookie')).toBe('');
    expect(await text(page, '#summary')).toMatch(/3 of 3 members healthy\s+quorum is 2: 1 more may fail; m2 leads/);
    expect(await text(page, '[data-machine=m3]')).toMatch(/controller-manager[\s\S]*apiserver\s+ready[\s\S]*sees\s+m1 UP/);
    expect(page.complaints).toEqual([]);
    expect(page.requests.filter((address) => !address.startsWith(dashboard.url.replace(/\?.*/, '')))).toEqual([]);
  });

  it('moves the VIP’s marker as soon as the drill’s recording says so, and follows the drill to its verdict', async () => {
    // The machines are asked once, before the drill: what the page shows of it, it has from the recording.
    await dashboard.close();
    dashboard = await start({ everyMs: 600_000 });
    const page = await open();
    const drill = simulateDrill(join(directory, 'now.ndjson'));
    drill.until(script.goneMs + 10);
    await until(page, `${markerExpression} === ''`);
    expect(await text(page, '#drill-state')).toContain('the fault is in for');
    expect(await text(page, '[data-machine=m1] .badges')).toContain('fault: power-off');
    drill.until(script.movedMs + 4000);
    await until(page, `${markerExpression} === 'm2'`);
    expect(await page.evaluate(`document.querySelectorAll('#vip').length`)).toBe(1);
    await until(page, `document.querySelector('#news').textContent.includes('m2')`);
    expect(await page.evaluate(`document.querySelectorAll('#lanes svg path.good[d^=M]').length`)).toBe(20);
    drill.until(script.endMs);
    packRecording(drill.recorder.file);
    await until(page, `document.querySelector('#verdict a') !== null`);
    expect(await text(page, '#verdict')).toContain('inconclusive');
    expect(page.complaints).toEqual([]);
  });

  it('works from the keyboard: what has the focus is seen, and a recording opens as its report', async () => {
    const past = simulateDrill(join(directory, 'past.ndjson'));
    past.until(script.endMs);
    packRecording(past.recorder.file);
    const page = await open();
    await until(page, `document.querySelector('#recordings li .inconclusive') !== null`);
    await page.press('Tab');
    expect(await page.evaluate(`document.activeElement.className`)).toBe('skip');
    expect(await page.evaluate(`document.activeElement.getBoundingClientRect().x >= 0`)).toBe(true);
    await page.press('Tab');
    expect(await page.evaluate(`document.activeElement.getAttribute('href')`)).toBe('/recordings/past.ndjson.gz');
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
    await page.press('Enter');
    await until(page, `document.querySelectorAll('.row svg path').length > 10`);
    expect(await page.evaluate('self.origin')).toBe('null');
    expect(page.complaints).toEqual([]);
  });

  it('has landmarks, one live region, headings, and a language', async () => {
    const page = await open();
    const found = `JSON.stringify([document.documentElement.lang, ...['header', 'main', 'h1', '[aria-live]'].map((one) => document.querySelectorAll(one).length)])`;
    expect(await page.evaluate(found)).toBe('["en",1,1,1,1]');
    expect(
      await page.evaluate(
        `[...document.querySelectorAll('section')].every((one) => one.hidden || one.ariaLabel !== null || document.getElementById(one.getAttribute('aria-labelledby')) !== null)`,
      ),
    ).toBe(true);
  });

  it.each([360, 800, 1400])('is no wider than a window of %i pixels, with a drill, a long reason and a hostile name', async (width) => {
    writeFileSync(join(directory, `${'x'.repeat(120)}<img src=x onerror=alert(1)>.ndjson`), 'hello\n');
    simulateDrill(join(directory, 'now.ndjson'), { fault: `power-off of ${'m1'.repeat(60)}` }).until(12_000);
    status = simulatedStatus({ holder: 'm2', down: ['m1'], workers: 20 });
    const page = await open({ width });
    await until(page, `document.querySelectorAll('#lanes li').length === 20 && document.querySelectorAll('#recordings li').length === 2`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.evaluate(`document.querySelectorAll('img').length`)).toBe(0);
    expect(page.complaints).toEqual([]);
  });

  it.each([false, true])('has enough contrast (dark: %s)', async (dark) => {
    simulateDrill(join(directory, 'now.ndjson')).until(12_000);
    status = simulatedStatus({ holder: 'm2', down: ['m1'] });
    const page = await open({ dark });
    await until(page, `document.querySelectorAll('#events li').length > 4 && document.querySelector('#problems li') !== null`);
    expect(Number(await page.evaluate(leastContrast))).toBeGreaterThanOrEqual(4.5);
  });

  it('moves nothing for those who asked for less motion', async () => {
    const page = await open({ calm: true });
    status = simulatedStatus({ holder: 'm2' });
    await until(page, `${markerExpression} === 'm2'`);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });

  it('says that the server is gone, and goes on by itself when it is back', async () => {
    const token = 'the-same-again';
    await dashboard.close();
    dashboard = await start({ token });
    const port = Number(new URL(dashboard.url).port);
    const page = await open();
    await dashboard.close();
    await until(page, `document.querySelector('#looked').textContent.includes('does not answer')`);
    status = simulatedStatus({ holder: 'm3' });
    dashboard = await start({ token, port });
    await until(page, `${markerExpression} === 'm3' && !document.body.classList.contains('lost')`);
  });

  it('says where to look when another dashboard has taken its place', async () => {
    const port = Number(new URL(dashboard.url).port);
    const page = await open();
    await dashboard.close();
    dashboard = await start({ port });
    await until(page, `document.querySelector('#looked').textContent.includes('open the address that it printed')`);
  });
});

/** Of all texts against the nearest ground, by WCAG's formula. */
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
  for (const element of document.querySelectorAll('h1, h2, h3, p, small, dt, dd, li, span, b, a')) {
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
})()`;
