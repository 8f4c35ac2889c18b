/** Preflight check: the machines agree on the time, with one another and with the operator's machine. */

import type { Check, Finding } from '../finding.ts';
import type { ClockReading } from '../survey.ts';

const FAR_MS = 5000;
const NEAR_MS = 500;

export const clocks: Check = ({ machines }) => {
  const readings = machines.flatMap(({ host, clock }) => (clock === undefined ? [] : [{ host, clock }]));
  const far = readings.filter(({ clock }) => Math.abs(clock.offsetMs) - clock.uncertaintyMs > FAR_MS);
  const apart = spread(readings.map(({ clock }) => clock));
  if (far.length > 0 && far.length === readings.length && apart <= NEAR_MS && readings.length > 1) return [operatorsClock(far[0]?.clock)];
  if (far.length > 0) return far.map(({ host, clock }) => machinesClock(host.name, clock));
  if (apart <= NEAR_MS) return [];
  return [
    {
      severity: 'warning',
      check: 'clocks',
      message: `the machines' clocks differ by ${seconds(apart)} or more`,
      remedy: 'run a time service (chrony or systemd-timesyncd) on every machine: etcd and certificates want one time',
    },
  ];
};

/** How far apart the clocks are at least, whatever the uncertainties hide, in milliseconds. */
function spread(clocks: readonly ClockReading[]): number {
  const earliest = Math.min(...clocks.map((clock) => clock.offsetMs + clock.uncertaintyMs));
  const latest = Math.max(...clocks.map((clock) => clock.offsetMs - clock.uncertaintyMs));
  return clocks.length < 2 ? 0 : latest - earliest;
}

function machinesClock(host: string, clock: ClockReading): Finding {
  return {
    severity: 'error',
    host,
    check: 'clocks',
    message: `the clock is ${seconds(Math.abs(clock.offsetMs))} ${clock.offsetMs < 0 ? 'behind' : 'ahead'}`,
    remedy: 'set it by a time service (chrony or systemd-timesyncd): certificates are refused before they are valid',
  };
}

function operatorsClock(clock: ClockReading | undefined): Finding {
  const offset = clock?.offsetMs ?? 0;
  return {
    severity: 'warning',
    check: 'clocks',
    message: `all machines agree, but the clock of this computer is ${seconds(Math.abs(offset))} ${offset < 0 ? 'ahead' : 'behind'}`,
    remedy: 'set the clock of this computer: it will find the certificates not yet, or no longer, valid',
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
