/** The daemon: guards one virtual server until it is told to end. */

import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { addressText } from './address.ts';
import type { Dataplane } from './dataplane/dataplane.ts';
import { discover } from './discovery/discover.ts';
import { openSystemdNotifier } from './notify-systemd.ts';
import { type CareDeps, type OpenCare, openCare } from './open-care.ts';
import type { CareSettings, DiscoverySettings } from './settings.ts';
import { serveStatus } from './show/serve-status.ts';
import type { CareStatus, DiscoveryStatus } from './status.ts';
import { statusOfLoop } from './status-of-loop.ts';

/** A daemon in which nothing moved for so long is stuck, milliseconds: /healthz says so, and systemd is told nothing more. */
const staleMs = 10_000;

/** Returns when the signal is aborted: the kernel's rules stay as they are. */
export async function guardService(settings: CareSettings, deps: CareDeps): Promise<void> {
  const { log, clock, environment } = deps;
  const ending = new AbortController();
  const signal = AbortSignal.any([deps.signal, ending.signal]);
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  if (signal.aborted) return;
  const applied = Promise.withResolvers<void>();
  let care: OpenCare | undefined;
  let discovery: DiscoveryStatus = { kind: 'off' };
  const lastTurnMs = (): number => care?.loop.lastTurnMs() ?? clock.now();
  const notifier = openSystemdNotifier({ environment, log, isHealthy: () => clock.now() - lastTurnMs() < staleMs });
  const status = statusOf(settings, deps, () => ({ care, discovery }));
  const { socket, metrics } = settings;
  // First of all: another daemon that has the socket must not find its table changed.
  const server = await serveStatus({ socket, metrics, status, lastTurnMs, nowMs: clock.now, staleMs, signal });
  try {
    care = await openCare(settings, deps, applied.resolve);
    void applied.promise.then(notifier.ready);
    const report = (next: DiscoveryStatus): void => {
      discovery = next;
    };
    const following = settings.discovery === undefined ? ended : follow(settings, settings.discovery, deps, care, signal, report);
    await Promise.race([ended, following]);
    log('info', `care for ${addressText(settings.service)} ends; the kernel's rules stay as they are`);
  } finally {
    ending.abort();
    notifier.close();
    await server.close();
    await care?.close();
  }
}

/** Ends with the signal only. */
async function follow(
  { check, backends }: CareSettings,
  settings: DiscoverySettings,
  { log }: CareDeps,
  { loop, file, remembered }: OpenCare,
  signal: AbortSignal,
  report: (status: DiscoveryStatus) => void,
): Promise<void> {
  const https = check.kind === 'https' ? check : undefined;
  const lists = discover({
    settings,
    masters: () => loop.healthy(),
    caFile: https?.caFile,
    serverName: https?.serverName,
    known: [...backends, ...(remembered?.members ?? [])],
    signal,
    log,
    delay: (ms, until) => delay(ms, undefined, { signal: until }),
    report,
  });
  for await (const listed of lists) {
    loop.list(listed);
    // Not what was listed: an apiserver that is dead for a while is not in the list, and still a member.
    await file.write(loop.pool().map(({ address }) => address));
  }
}

interface Known {
  readonly care: OpenCare | undefined;
  readonly discovery: DiscoveryStatus;
}

/** Connections are counted when somebody asks, and shown the next time: counting them all costs more than the rest together. */
function statusOf({ service }: CareSettings, { version, clock }: CareDeps, now: () => Known): () => CareStatus {
  const startedAt = Date.now();
  let connections: ReadonlyMap<string, number> | undefined;
  let countedMs = Number.NEGATIVE_INFINITY;
  const count = async (dataplane: Dataplane): Promise<void> => {
    if (clock.now() - countedMs < 2000) return;
    countedMs = clock.now();
    connections = await dataplane.connections().catch(() => undefined);
  };
  return () => {
    const { care, discovery } = now();
    if (care === undefined) throw new Failure('CARE_STATUS', 'the daemon has only just begun');
    const { loop, dataplane } = care;
    void count(dataplane);
    const [wallMs, nowMs] = [Date.now(), clock.now()];
    return statusOfLoop({ version, pid: process.pid, service, startedAt, loop, dataplane, discovery, connections, wallMs, nowMs });
  };
}
