/** `trivet care` on the lab's node: installed as a user would, by its own --print-unit, and asked through its own status. */

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readCareStatus } from '../../src/care/show/read-status.ts';
import type { CareStatus } from '../../src/care/status.ts';
import { cgroupsOfBox } from '../../src/lab/cgroups.ts';
import { machineId } from '../../src/lab/lab-names.ts';
import { quote } from '../../src/model/quote.ts';
import { type CareLab, careCaFile, careMasters, careNode, careVip, httpsPort } from './care-lab.ts';
import { onMachine } from './on-machine.ts';

export interface CareDaemon {
  readonly status: () => Promise<CareStatus>;
  /** Asks until it holds; an Error with the last status after the deadline. */
  readonly until: (what: string, seconds: number, holds: (status: CareStatus) => boolean) => Promise<CareStatus>;
  /** Its log since it was started, or since so many milliseconds of the monotonic clock. */
  readonly log: (sinceMs?: number) => Promise<readonly LogLine[]>;
  /** On the box, not in the machine: a signal sent to it needs no ssh. */
  readonly pid: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

const logLineSchema = z.looseObject({
  /** Of the monotonic clock, the same as the box's. */
  ms: z.number(),
  level: z.string(),
  message: z.string(),
  backend: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
});

export type LogLine = z.infer<typeof logLineSchema>;

export interface DaemonInput {
  readonly dataplane: 'nft' | 'proxy';
  /** Default trivet-care. */
  readonly unit?: string;
  /** Replace the ones below by flags of the same name. */
  readonly flags?: Readonly<Record<string, string | readonly string[]>>;
}

/** Three masters over HTTPS, verified. */
export function careFlags(care: CareLab, { dataplane, flags = {} }: DaemonInput): readonly string[] {
  const masters = careMasters.map((machine) => `${addressOf(care, machine)}:${httpsPort}`);
  const all: Readonly<Record<string, string | readonly string[]>> = {
    vs: `${careVip}:${httpsPort}`,
    rs: masters,
    backend: dataplane,
    'ca-file': careCaFile,
    ...flags,
  };
  return Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => `--${name}=${one}`));
}

export function addressOf({ lab }: CareLab, machine: string): string {
  return lab.machines.find(({ name }) => name === machine)?.address ?? '';
}

/** Returns as soon as systemd has started it. */
export async function startDaemon(care: CareLab, input: DaemonInput): Promise<CareDaemon> {
  const { unit = 'trivet-care', flags = {} } = input;
  const socket = [flags.socket ?? '/run/trivet-care/care.sock'].flat()[0] ?? '';
  const print = quote(['trivet', 'care', ...careFlags(care, input), '--print-unit']);
  const file = `/etc/systemd/system/${unit}.service`;
  // A unit of another name has directories of its own.
  await onMachine(care.lab, careNode, `set -e; ${print} | sed 's/=trivet-care$/=${unit}/' > ${file}; systemctl daemon-reload`);
  const since = (await onMachine(care.lab, careNode, `date +%s.%N; systemctl restart ${unit}`)).trim();
  return { ...observeDaemon(care, { unit, socket, since }), stop: () => stopDaemon(care, unit) };
}

interface Observed {
  readonly unit: string;
  readonly socket: string;
  readonly since: string;
}

function observeDaemon(care: CareLab, { unit, socket, since }: Observed): Omit<CareDaemon, 'stop'> {
  const status = async () =>
    readCareStatus(await onMachine(care.lab, careNode, `trivet care status --socket ${socket} -o json || [ $? = 1 ]`));
  return {
    status,
    until: async (what, seconds, holds) => {
      const deadlineMs = performance.now() + seconds * 1000;
      let last: unknown;
      do {
        const now = await status().catch((error: unknown) => {
          last = error;
        });
        if (now !== undefined) {
          if (holds(now)) return now;
          last = summary(now);
        }
        await delay(100);
      } while (performance.now() < deadlineMs);
      throw new Error(`${what}: not within ${seconds} s; last: ${last instanceof Error ? last.message : String(last)}`);
    },
    log: async (sinceMs = 0) => {
      const text = await onMachine(care.lab, careNode, `journalctl --no-pager -u ${unit} -o cat --since @${since} 2> /dev/null`);
      return text.split('\n').flatMap((line) => logLine(line).filter(({ ms }) => ms >= sinceMs));
    },
    pid: () => pidOnBox(care, unit),
  };
}

async function stopDaemon(care: CareLab, unit: string): Promise<void> {
  await onMachine(care.lab, careNode, `systemctl stop ${unit}; systemctl reset-failed ${unit} 2> /dev/null; true`);
}

function logLine(line: string): readonly LogLine[] {
  if (!line.startsWith('{')) return [];
  const { data } = logLineSchema.safeParse(JSON.parse(line));
  return data === undefined ? [] : [data];
}

/** By its pid in the machine, as the kernel shows it to the box. */
async function pidOnBox({ lab }: CareLab, unit: string): Promise<number> {
  const inside = (await onMachine(lab, careNode, `systemctl show -P MainPID ${unit}`)).trim();
  const cgroups = await cgroupsOfBox();
  for (const pid of await cgroups.pids(machineId(lab.name, careNode))) {
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const [own, ...below] = /^NSpid:\s*(.*)$/m.exec(text)?.[1]?.split(/\s+/) ?? [];
    if (below.at(-1) === inside && inside !== '0') return Number(own);
  }
  throw new Error(`${unit} does not run`);
}

/** For error messages. */
export function summary(status: CareStatus): string {
  const backends = status.backends.map(({ address, state, weight, why }) => `${address} ${state} ${weight} (${why})`);
  return `${status.table}${status.applies.trouble === null ? '' : `, ${status.applies.trouble}`}: ${backends.join('; ')}`;
}

export function allUp(status: CareStatus): boolean {
  return status.backends.every(({ state, weight }) => state === 'UP' && weight === 1);
}
