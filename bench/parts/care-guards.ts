/** Who guards the virtual address during the trials: trivet care with one of its data planes, or lvscare where it can run. */

import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { copyTo } from '../../test/lab/parts/dataplane-on-machine.ts';
import { addressOf, allUp, type CareDaemon } from './care-daemon.ts';
import { type CareLab, careMasters, careNode, careVip, httpsPort } from './care-lab.ts';
import type { Guard } from './care-trial.ts';
import { onMachine } from './on-machine.ts';

/** Long enough for everyone to be served again, and for who is frozen not to count as slow in the next trial (src/care/health/patience.ts). */
const watchMs = 8000;
/** lvscare: one round of 5 s and one of 10 s until nothing new goes there. */
const lvscareWatchMs = 25_000;

export function careGuard(kind: 'nft' | 'proxy', daemon: CareDaemon): Guard {
  return {
    kind,
    whole: async () => void (await daemon.until('all UP', 90, allUp)),
    log: daemon.log,
    watchMs,
  };
}

/** On PATH; undefined: there is none. */
export async function findLvscare(path: string = process.env.PATH ?? ''): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    const file = join(directory, 'lvscare');
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

export interface RunningLvscare extends Guard {
  readonly stop: () => Promise<void>;
}

/** Why not, where it cannot run. Its flags are its defaults but for the address and the health path. */
export async function startLvscare(care: CareLab): Promise<RunningLvscare | string> {
  const file = await findLvscare();
  if (file === undefined) return 'there is no lvscare on PATH, so it was not run beside it';
  const kernel = await onMachine(care.lab, careNode, 'test -e /proc/net/ip_vs && echo yes || echo no');
  if (kernel.trim() !== 'yes') return "this box's kernel has no IPVS, which lvscare needs, so it was not run beside it";
  await copyTo(care.lab.name, careNode, file, '/usr/local/bin/lvscare');
  const servers = careMasters.map((machine) => `--rs ${addressOf(care, machine)}:${httpsPort}`).join(' ');
  const command = `lvscare care --vs ${careVip}:${httpsPort} ${servers} --health-path /readyz --health-schem https --ip ${addressOf(care, careNode)}`;
  await onMachine(care.lab, careNode, `systemd-run --quiet --collect --unit=bench-lvscare ${command}`);
  const listed = async () =>
    (await onMachine(care.lab, careNode, 'ipvsadm -Ln')).match(/->\s+192\.0\.2\.\d+:\d+\s+\w+\s+1\s/g)?.length ?? 0;
  return {
    kind: 'lvscare',
    whole: async () => {
      for (const deadlineMs = performance.now() + 60_000; performance.now() < deadlineMs; await delay(500))
        if ((await listed()) === careMasters.length) return;
      throw new Error('lvscare does not list all backends');
    },
    log: async () => [],
    watchMs: lvscareWatchMs,
    stop: async () => {
      await onMachine(care.lab, careNode, `systemctl stop bench-lvscare; lvscare care -C --vs ${careVip}:${httpsPort}; ipvsadm -C; true`);
    },
  };
}
