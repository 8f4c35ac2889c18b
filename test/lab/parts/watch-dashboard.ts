/** Looks on by `trivet dashboard`, in a real headless Chromium, while a drill is run. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { packageRoot } from '../../../src/local/package-root.ts';
import { findChromium, type Page, startChromium } from '../../browser/chromium.ts';
import { until } from '../on-lab.ts';

export interface Watched {
  /** Machines beside which the page showed the VIP, one after the other. */
  readonly holders: readonly string[];
  /** Whether the page showed the drill as it happened. */
  readonly drillShown: boolean;
  readonly complaints: readonly string[];
}

/** Ends what it started, whatever becomes of the work. */
export async function watchDashboard(file: string, work: () => Promise<void>): Promise<Watched> {
  const program = findChromium();
  if (program === undefined) throw new Error('there is no Chromium');
  const dashboard = spawn(join(packageRoot(), 'trivet'), ['dashboard', '-f', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chromium = await startChromium(program);
  try {
    const page = await chromium.open(await addressOf(dashboard));
    await until('the page shows who holds the VIP', 60, async () => (await holderOn(page)) !== undefined, 200);
    const holders: string[] = [];
    let drillShown = false;
    let over = false;
    const looking = (async () => {
      for (; !over; await delay(200)) {
        const holder = await holderOn(page);
        if (holder !== undefined && holder !== holders.at(-1)) holders.push(holder);
        drillShown ||= (await page.evaluate(`document.querySelector('#drill')?.hidden === false`)) === true;
      }
    })();
    try {
      await work();
    } finally {
      over = true;
      await looking;
    }
    return { holders, drillShown, complaints: page.complaints };
  } finally {
    dashboard.kill('SIGTERM');
    await chromium.close();
  }
}

/** undefined while it shows nobody. */
async function holderOn(page: Page): Promise<string | undefined> {
  const name = await page.evaluate(`document.querySelector('#vip')?.closest('[data-machine]')?.dataset.machine ?? null`);
  return typeof name === 'string' ? name : undefined;
}

async function addressOf(dashboard: ChildProcess): Promise<string> {
  if (dashboard.stdout === null) throw new Error('the dashboard has no output');
  const said = once(createInterface({ input: dashboard.stdout }), 'line').then(([line]) => String(line));
  const ended = once(dashboard, 'exit').then(() => {
    throw new Error('the dashboard ended before it said its address');
  });
  return Promise.race([said, ended]);
}
