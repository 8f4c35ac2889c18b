/**
 * Tells systemd that the daemon is ready and still turns. Node has no unix datagrams, so each word is a run of systemd-notify: about
 * 10 ms of CPU together, measured, which is 0.1% of a core at WatchdogSec=30s. A timer unit that asks /healthz would cost two
 * processes each time instead of one, and would have to restart the daemon itself. The unit needs NotifyAccess=all.
 */

import { spawn } from 'node:child_process';
import type { CareLog } from './log.ts';

export interface SystemdNotifier {
  /** Once is enough. */
  readonly ready: () => void;
  readonly close: () => void;
}

export interface NotifierInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: CareLog;
  /** Nothing is said while it is false, and systemd ends the daemon. */
  readonly isHealthy: () => boolean;
  readonly run?: (argv: readonly string[], onError: (error: Error) => void) => void;
}

/** Does nothing without NOTIFY_SOCKET. */
export function openSystemdNotifier({ environment, log, isHealthy, run = runDetached }: NotifierInput): SystemdNotifier {
  if (environment.NOTIFY_SOCKET === undefined) return { ready: () => undefined, close: () => undefined };
  let isReady = false;
  let told = false;
  const say = (word: string): void =>
    run(['systemd-notify', word], (error) => {
      if (!told) log('warn', `systemd is not told ${word}: ${error.message}`, { remedy: 'install systemd-notify (package systemd)' });
      told = true;
    });
  const watchdogMs = Number(environment.WATCHDOG_USEC) / 1000;
  const timer = watchdogMs > 0 ? setInterval(() => isHealthy() && say('WATCHDOG=1'), watchdogMs / 3) : undefined;
  timer?.unref();
  return {
    ready: () => {
      if (!isReady) say('READY=1');
      isReady = true;
    },
    close: () => clearInterval(timer),
  };
}

function runDetached([program = '', ...words]: readonly string[], onError: (error: Error) => void): void {
  spawn(program, words, { stdio: 'ignore' }).once('error', onError);
}
