/** `trivet care`: the daemon that guards one virtual server, a single round of it, or the removal of all that it made. */

import { rm } from 'node:fs/promises';
import { cleanDataplane } from './dataplane/clean-dataplane.ts';
import { guardService } from './guard-service.ts';
import { openLog } from './log.ts';
import type { CareDeps } from './open-care.ts';
import { openOwnClock } from './probe/own-clock.ts';
import { runOnce } from './run-once.ts';
import type { CareSettings } from './settings.ts';
import { stateFile } from './state-file.ts';

export interface RunCareInput extends Omit<CareDeps, 'log' | 'clock'>, Partial<Pick<CareDeps, 'log'>> {
  /** guard: the daemon, until the signal. run-once: until somebody serves and the table is in place. clean: undo all of it. */
  readonly kind: 'guard' | 'run-once' | 'clean';
  /** How long run-once waits for a backend that serves, milliseconds. Default 10 000. */
  readonly onceMs?: number;
}

/** The exit code. Failure CARE_DATAPLANE and CARE_STATUS when it cannot begin, WAIT_EXPIRED when run-once finds nobody who serves. */
export async function runCare(settings: CareSettings, { kind, onceMs, ...input }: RunCareInput): Promise<number> {
  const clock = openOwnClock();
  const deps: CareDeps = { ...input, clock, log: input.log ?? openLog(settings.logger, clock.now) };
  const ignore = (): void => undefined;
  // A reader of the log that went away does not end the daemon.
  process.stderr.on('error', ignore);
  try {
    if (kind === 'clean') await clean(settings, deps);
    else if (kind === 'run-once') await runOnce(settings, deps, onceMs);
    else await guardService(settings, deps);
    return 0;
  } finally {
    process.stderr.off('error', ignore);
    clock.close();
  }
}

async function clean(settings: CareSettings, { log }: CareDeps): Promise<void> {
  for (const line of await cleanDataplane(settings)) log('info', line);
  const { path } = stateFile({ directory: settings.stateDirectory, service: settings.service, log, now: Date.now });
  await rm(path, { force: true, recursive: true });
}
