/** The lock against a second operator: held on the machines themselves, so it holds whichever laptop comes. */

import type { Connect, Held } from '../model/connection.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { type Clock, realClock } from './clock.ts';
import { HOLD_LOCK } from './machine-scripts.ts';

export interface LockInput {
  /** The masters: two operators of one cluster have at least one of them in common. */
  readonly hosts: readonly Host[];
  readonly connect: Connect;
  /** user@machine */
  readonly operator: string;
  readonly signal: AbortSignal;
  readonly pid?: number;
  /** ISO time. */
  readonly since?: string;
  readonly clock?: Clock;
}

export interface Lock {
  /** Settles when a machine's lock is lost before release(): nobody keeps a second operator away any more. */
  readonly lost: Promise<Failure>;
  readonly release: () => Promise<void>;
}

/** How long a machine may take to notice that the process that held its lock was killed. */
const takeOverSeconds = 10;

/** LOCKED says who, since when and where. Always taken in the same order, so that of two operators one gets all. */
export async function lockMachines(input: LockInput): Promise<Lock> {
  const hosts = [...input.hosts].sort((one, other) => (one.name < other.name ? -1 : 1));
  const holds: { readonly host: Host; readonly held: Held }[] = [];
  const release = async () => {
    await Promise.allSettled(holds.map(({ held }) => held.release()));
  };
  try {
    for (const host of hosts) holds.push({ host, held: await lockOne(input, host) });
  } catch (error) {
    await release();
    throw error;
  }
  let released = false;
  const lost = new Promise<Failure>((resolve) => {
    for (const { host, held } of holds) {
      const tell = () => {
        if (!released) resolve(lostFailure(host));
      };
      held.ended.then(tell, tell);
    }
  });
  return {
    lost,
    release: async () => {
      released = true;
      await release();
    },
  };
}

async function lockOne(input: LockInput, host: Host): Promise<Held> {
  const { operator, signal } = input;
  const clock = input.clock ?? realClock;
  const owner = JSON.stringify({ operator, pid: input.pid ?? process.pid, since: input.since ?? new Date().toISOString() });
  const connection = await input.connect(host, signal);
  const start = clock.now();
  for (;;) {
    signal.throwIfAborted();
    const held = await connection.hold(['bash', '-c', HOLD_LOCK, 'trivet-lock', owner]);
    if (held.firstLine === 'held') return held;
    await held.release();
    const other = parseOwner(held.firstLine.replace(/^locked ?/, ''));
    // Our own earlier run, killed a moment ago, still counts until the machine notices; anybody else's is refused at once.
    const mayBeOurs = other === undefined || other.operator === operator;
    if (!mayBeOurs || clock.now() - start > takeOverSeconds * 1000) throw lockedFailure(host, other);
    await clock.sleep(500, signal);
  }
}

interface Owner {
  readonly operator: string;
  readonly pid: number;
  readonly since: string;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { operator, pid, since }: Partial<Record<keyof Owner, unknown>> = JSON.parse(text);
    return { operator: String(operator), pid: Number(pid), since: String(since) };
  } catch {
    return undefined;
  }
}

function lockedFailure(host: Host, owner: Owner | undefined): Failure {
  const who = owner === undefined ? 'somebody' : `${owner.operator} (process ${owner.pid}, since ${owner.since})`;
  return new Failure('LOCKED', `${who} is working on this cluster; the lock is on ${host.name}`, {
    host: host.name,
    remedy: 'Wait until that run ends. If it died, the lock frees itself within 60 s.',
  });
}

function lostFailure(host: Host): Failure {
  return new Failure('CONNECTION_LOST', `the lock on ${host.name} was lost: its connection broke`, {
    host: host.name,
    remedy: 'Run the same command again: it goes on from here.',
  });
}
