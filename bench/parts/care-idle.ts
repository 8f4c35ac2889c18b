/** What the daemon needs while nothing happens. */

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { CareDaemon } from './care-daemon.ts';
import type { CareIdle } from './care-result.ts';

/** Of the kernel's clock ticks. */
const ticksPerSecond = 100;

export async function careIdle(daemon: CareDaemon, guard: 'nft' | 'proxy', seconds: number, signal: AbortSignal): Promise<CareIdle> {
  const pid = await daemon.pid();
  // Not the seconds after its start.
  await delay(10_000, undefined, { signal });
  const [before, startMs] = [await cpuOf(pid), monotonicMs()];
  await delay(seconds * 1000, undefined, { signal });
  const [after, endMs] = [await cpuOf(pid), monotonicMs()];
  const children = await Promise.all((await childrenOf(pid)).map((child) => memoryOf(child, 'VmRSS')));
  return {
    guard,
    seconds,
    cpuPercent: ((after - before) / ((endMs - startMs) / 1000)) * 100,
    residentMb: await memoryOf(pid, 'VmRSS'),
    ownMb: await memoryOf(pid, 'RssAnon'),
    peakMb: await memoryOf(pid, 'VmHWM'),
    besideMb: children.reduce((sum, megabytes) => sum + megabytes, 0),
  };
}

/** Seconds of the process, of its children, and of those that it waited for. */
async function cpuOf(pid: number): Promise<number> {
  const own = await statOf(pid);
  const children = await Promise.all((await childrenOf(pid)).map(statOf));
  return [own, ...children].reduce((sum, { seconds }) => sum + seconds, 0);
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (one) => ({ one, ...(await statOf(one)) })));
  return stats.filter(({ parent }) => parent === pid).map(({ one }) => one);
}

async function statOf(pid: number): Promise<{ readonly parent: number; readonly seconds: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold anything. Fields 4 and 14 to 17 of proc_pid_stat(5).
  const fields = text
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { parent: fields[1] ?? Number.NaN, seconds: ticks / ticksPerSecond };
}

async function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM' | 'RssAnon'): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
}
