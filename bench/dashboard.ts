/** What the dashboard costs a browser: how soon it is seen, how much is loaded, and whether a hundred machines are drawn without a stutter. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { openDashboard } from '../src/dashboard/open-dashboard.ts';
import { pageHtml } from '../src/dashboard/page-html.ts';
import { findChromium, startChromium } from '../test/browser/chromium.ts';
import { simulatedStatus } from '../test/browser/simulated-cluster.ts';
import { type DashboardResult, dashboardTable } from './parts/dashboard-result.ts';
import { saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, seconds: { type: 'string', default: '10' }, results: { type: 'string' } },
});
const runs = Number(values.runs);
const seconds = Number(values.seconds);
const machines = 100;
const perSecond = 10;
const program = findChromium();
if (program === undefined) throw new Error('there is no Chromium on PATH: apt-get install chromium');

/** In the page: when its first picture with the machines in it was painted. */
const painted = `new Promise((resolve) => {
  const look = () => {
    const [entry] = performance.getEntriesByName('first-contentful-paint');
    entry === undefined ? setTimeout(look, 10) : resolve(entry.startTime);
  };
  look();
})`;

/** In the page: the times between frames, and long tasks, for so long. */
const smoothness = `new Promise((resolve) => {
  const frames = [], tasks = [];
  let arrived = 0, last = performance.now();
  const end = last + ${seconds * 1000};
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  new MutationObserver(() => { arrived += 1; }).observe(document.querySelector('#more-machines'), { subtree: true, attributes: true, attributeFilter: ['data-seen'] });
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    if (now < end) return requestAnimationFrame(frame);
    frames.shift();
    frames.sort((a, b) => a - b);
    resolve(JSON.stringify({
      arrived,
      frames: frames.length,
      medianFrame: frames[Math.floor(frames.length / 2)],
      longestFrame: frames.at(-1),
      late: frames.filter((ms) => ms > 50).length,
      longTasks: tasks.length,
      longestTask: Math.max(0, ...tasks),
    }));
  };
  requestAnimationFrame(frame);
})`;

const on = await surroundings();
const recordings = await mkdtemp(join(tmpdir(), 'trivet-bench-dashboard-'));
let turn = 0;
const status = () => simulatedStatus({ workers: machines - 3, turn, holder: turn % 20 < 10 ? 'm1' : 'm2' });
const dashboard = await openDashboard({
  cluster: 'rehearsal',
  scheme: 'vip-on-masters/haproxy',
  look: () => {
    turn += 1;
    return Promise.resolve(status());
  },
  recordings,
  port: 0,
  everyMs: 1000 / perSecond,
});
const view = { cluster: 'rehearsal', scheme: 'vip-on-masters/haproxy', look: {}, recordings: [] };
const packed = (html: string) => gzipSync(html).length / 1000;
const firstPaintOfOneWord = await paintsOfOneWord(program);
const chromium = await startChromium(program);
const firstPaint: number[] = [];
const updates: DashboardResult['updates'] = [];
try {
  for (let run = 0; run < runs; run++) {
    const page = await chromium.open(dashboard.url, { width: 1400 });
    firstPaint.push(Number(await page.evaluate(painted)));
    updates.push({ perSecond, seconds, ...JSON.parse(String(await page.evaluate(smoothness))) });
    await page.evaluate(`location.replace('about:blank')`);
  }
} finally {
  await chromium.close();
  await dashboard.close();
  await rm(recordings, { recursive: true, force: true });
}
const kilobytes = { bare: packed(pageHtml(view)), full: packed(pageHtml({ ...view, status: status() })) };
const result: DashboardResult = { on, machines, kilobytes, firstPaint, firstPaintOfOneWord, updates };
console.log(dashboardTable(result));
await saveResult('dashboard', result, ...(values.results === undefined ? [] : [values.results]));

/** What the browser itself takes on this box: a page of one word, as often, in a Chromium that was started for it. */
async function paintsOfOneWord(browser: string): Promise<number[]> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><p>ready'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const one = await startChromium(browser);
  const paints: number[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const page = await one.open(`http://127.0.0.1:${port}/`, { width: 1400 });
      paints.push(Number(await page.evaluate(painted)));
      await page.evaluate(`location.replace('about:blank')`);
    }
  } finally {
    await one.close();
    server.closeAllConnections();
    server.close();
  }
  return paints;
}
