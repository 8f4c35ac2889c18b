/** The dashboard as a whole: asks the cluster, follows the drill that runs, lists recordings, and serves all that as one page. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { readRecording } from '../drill/recording/read-recording.ts';
import { timeOf } from '../drill/recording/recording.ts';
import { judged } from '../drill/report/judged.ts';
import { facts } from '../drill/report/summary.ts';
import { Failure } from '../model/failure.ts';
import type { ClusterStatus } from '../status/cluster-status.ts';
import { followRecordings } from './follow-recording.ts';
import { type Hub, openHub } from './hub.ts';
import { listRecordings } from './list-recordings.ts';
import { emptyDrill, type LiveDrill, liveDrill } from './live-drill.ts';
import { liveFacts } from './live-facts.ts';
import type { DrillView, VerdictView } from './page/page-data.ts';
import { serveDashboard } from './serve-dashboard.ts';
import { statusChange } from './status-change.ts';

export interface DashboardInput {
  readonly cluster: string;
  /** The variant: `vip-on-masters/haproxy`. */
  readonly scheme: string;
  /** Asks all machines now. A Failure is shown, and it is asked again. */
  readonly look: () => Promise<ClusterStatus>;
  /** The directory in which drills leave recordings; need not be there yet. */
  readonly recordings: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Between the end of one look and the beginning of the next. Default 2000. */
  readonly everyMs?: number;
  /** Default: a new one, of 256 bits. */
  readonly token?: string;
}

export interface Dashboard {
  /** With the token. */
  readonly url: string;
  /** Resolves at once to undefined; rejects when the dashboard cannot go on. */
  readonly close: () => Promise<void>;
  /** Rejects when something in it broke that is a defect. */
  readonly broken: Promise<never>;
}

/** Between two looks at the directory of recordings. */
const listEveryMs = 3000;

/** A Failure USAGE when the port cannot be had. */
export async function openDashboard(input: DashboardInput): Promise<Dashboard> {
  const token = input.token ?? randomBytes(32).toString('base64url');
  const hub = openHub({ cluster: input.cluster, scheme: input.scheme, look: {}, recordings: [] });
  const list = listRecordings(input.recordings);
  const served = await serveDashboard({ hub, recording: list.open, token, port: input.port });
  const end = new AbortController();
  const work = Promise.all([...watchCluster(input, hub, end.signal), keepListing(list, hub, end.signal)]);
  return {
    url: `http://127.0.0.1:${served.port}/?token=${token}`,
    broken: new Promise((_, reject) => {
      work.catch(reject);
    }),
    async close() {
      end.abort();
      await served.close();
      await work.catch(() => undefined);
    },
  };
}

/** Looks at the machines, and between looks listens to a running drill. */
function watchCluster(input: DashboardInput, hub: Hub, signal: AbortSignal): readonly Promise<void>[] {
  const live = liveFacts();
  let looked: { readonly status: ClusterStatus; readonly beganMs: number } | undefined;
  let drill: LiveDrill | undefined;
  let startedMs = 0;
  const show = () => {
    if (looked === undefined) return;
    const change = statusChange(hub.view().status, live.over(looked.status, looked.beganMs));
    if (change !== undefined) hub.publish({ kind: 'status', change });
  };
  const tell = () => {
    const more = drill?.drain();
    if (more !== undefined) hub.publish({ kind: 'more', more });
    show();
  };
  const looking = keepLooking(input, hub, signal, (status, beganMs) => {
    looked = { status, beganMs };
    show();
  });
  const following = followRecordings({
    directory: input.recordings,
    cluster: input.cluster,
    signal,
    begun(name, header) {
      drill = liveDrill();
      // Recorded on this machine, by the wall clock: as a moment of the monotonic one.
      startedMs = (Date.parse(header.startedAt) || Date.now()) - performance.timeOrigin;
      hub.publish({ kind: 'drill', drill: emptyDrill(name, header) });
    },
    heard(event) {
      drill?.take(event);
      live.take(event, Math.min(performance.now(), startedMs + timeOf(event)));
    },
    silent: () => drill?.become('silent'),
    batch: tell,
    ended(name, whole) {
      drill?.become(whole ? 'ended' : 'gone');
      tell();
      drill = undefined;
      void verdictOf(input.recordings, name).then((verdict) => {
        const shown = hub.view().drill;
        if (verdict !== undefined && shown?.name.replace(/\.gz$/, '') === name)
          hub.publish({ kind: 'drill', drill: { ...shown, ...verdict } });
      });
    },
  });
  return [looking, following];
}

async function keepLooking(
  { look, everyMs = 2000 }: DashboardInput,
  hub: Hub,
  signal: AbortSignal,
  found: (status: ClusterStatus, beganMs: number) => void,
): Promise<void> {
  while (!signal.aborted) {
    const beganMs = performance.now();
    const { askingSinceMs: _, failed: __, ...before } = hub.view().look;
    hub.publish({ kind: 'look', look: { ...before, askingSinceMs: beganMs } });
    try {
      const status = await look();
      if (signal.aborted) return;
      const answeredAtMs = performance.now();
      hub.publish({ kind: 'look', look: { answeredAtMs, tookMs: answeredAtMs - beganMs } });
      found(status, beganMs);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      hub.publish({ kind: 'look', look: { ...before, failed: error.message } });
    }
    await after(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Verdicts come one by one, and none while a drill runs: judging takes the time in which its events would be shown. */
async function keepListing(list: ReturnType<typeof listRecordings>, hub: Hub, signal: AbortSignal): Promise<void> {
  const publish = () => hub.publish({ kind: 'recordings', recordings: list.rows() });
  while (!signal.aborted) {
    if (await list.refresh()) publish();
    const running = hub.view().drill?.state === 'running';
    if (!running && (await list.judgeNext())) publish();
    else await after(listEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A recording is packed as soon as it has its end: it is one or the other. undefined: it is neither, or cannot be read. */
async function verdictOf(directory: string, name: string): Promise<Pick<DrillView, 'name' | 'verdict'> | undefined> {
  for (const file of [name, `${name}.gz`, name]) {
    try {
      const one = judged(await readRecording(join(directory, file), file));
      const { result, reasons } = one.verdict;
      const verdict: VerdictView = { result, reasons: reasons.slice(0, 6).map(({ text }) => text), facts: facts(one) };
      return { name: file, verdict };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  return undefined;
}
