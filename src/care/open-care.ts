/** Data plane and loop of one virtual server, put together from the settings: what the daemon and run-once have in common. */

import { addressText } from './address.ts';
import { type CareLoop, startCareLoop } from './care-loop.ts';
import type { Dataplane, DataplaneInput } from './dataplane/dataplane.ts';
import { openDataplane } from './dataplane/open-dataplane.ts';
import type { CareLog } from './log.ts';
import { ownAddresses } from './own-addresses.ts';
import type { OwnClock } from './probe/own-clock.ts';
import { openProber } from './probe/prober.ts';
import { openTrust } from './probe/trust.ts';
import { compileAgain, type SetFlag, saveMemory } from './save-memory.ts';
import type { CareSettings } from './settings.ts';
import { type StateFile, stateFile } from './state-file.ts';
import { openTrackFile } from './track-file.ts';

export interface CareDeps {
  /** Of trivet. */
  readonly version: string;
  /** Ends it; the kernel's rules stay and go on working. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: CareLog;
  readonly clock: OwnClock;
  readonly openDataplane?: (input: DataplaneInput) => Promise<Dataplane>;
  /** Left out: V8 stays as it is. */
  readonly setFlag?: SetFlag;
}

export interface OpenCare {
  readonly loop: CareLoop;
  readonly dataplane: Dataplane;
  readonly file: StateFile;
  /** Discovered in an earlier life. */
  readonly remembered: Awaited<ReturnType<StateFile['read']>>;
  readonly close: () => Promise<void>;
}

/** The loop runs when this returns. Failure CARE_DATAPLANE when there can be none. `onApplied`: after each table. */
export async function openCare(settings: CareSettings, deps: CareDeps, onApplied: () => void): Promise<OpenCare> {
  const { log, clock } = deps;
  const { service, check, pace, discovery, trackFile } = settings;
  const file = stateFile({ directory: settings.stateDirectory, service, log, now: Date.now });
  // Without discovery nothing would ever take a remembered member away again.
  const remembered = discovery === undefined ? undefined : await file.read();
  const setFlag = deps.setFlag ?? (() => undefined);
  saveMemory(setFlag);
  const open = deps.openDataplane ?? ((input) => openDataplane(settings.dataplane, input));
  const dataplane = await open({ ...settings, log, onTraffic: () => compileAgain(setFlag) });
  const trust = openTrust(check, log);
  const isLocal = ownAddresses(clock.now);
  const track = trackFile === undefined ? undefined : openTrackFile(trackFile, log);
  if (track !== undefined && !settings.backends.some(isLocal)) {
    log('warn', `no backend is this machine's own, so nothing is written to ${trackFile} unless one is discovered`);
  }
  log('info', `care for ${addressText(service)} begins`, { version: deps.version, dataplane: dataplane.kind, detail: dataplane.detail });
  const loop = startCareLoop({
    settings: { ...settings, absentMs: discovery?.absentMs ?? 0 },
    remembered: remembered?.members ?? [],
    dataplane,
    openProber: (address) => openProber(address, check, pace, { clock, trust }),
    isLocal,
    log,
    now: clock.now,
    random: Math.random,
    onApplied,
    onStates: (pool) => void track?.show(pool.filter(({ local }) => local).map(({ health }) => health.state)),
  });
  return {
    loop,
    dataplane,
    file,
    remembered,
    close: async () => {
      await loop.close();
      await dataplane.close();
    },
  };
}
