/** The heart of the daemon: looks at every member, decides who gets connections, and has the data plane do so. */

import { type Address, addressText } from './address.ts';
import { type BackendGuard, guardBackend } from './backend-guard.ts';
import type { Dataplane } from './dataplane/dataplane.ts';
import { cutOf, decideTable, type PoolMember } from './decide.ts';
import type { BackendHealth } from './health/backend-health.ts';
import type { Look } from './health/look.ts';
import type { CareLog } from './log.ts';
import { firstMembers, type Member, updateMembers } from './members.ts';
import type { Prober } from './probe/prober.ts';
import type { CareSettings } from './settings.ts';
import { type Change, mostChanges } from './status.ts';
import { type KeeperStatus, keepTable } from './table-keeper.ts';
import { tableText } from './table-text.ts';

export type LoopSettings = Pick<CareSettings, 'backends' | 'pace' | 'health' | 'preferLocal'> & { readonly absentMs: number };

export interface CareLoopInput {
  readonly settings: LoopSettings;
  /** The last good list. */
  readonly remembered: readonly Address[];
  readonly dataplane: Dataplane;
  readonly openProber: (address: Address) => Prober;
  readonly isLocal: (address: Address) => boolean;
  readonly log: CareLog;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Called at each change of a backend's state. */
  readonly onStates?: (pool: readonly PoolMember[]) => void;
  /** After the first table. */
  readonly onApplied?: () => void;
  /** Between two comparisons of the data plane with what it should be, in milliseconds. */
  readonly mendEveryMs?: number;
}

export interface CareLoop {
  /** What discovery found. */
  readonly list: (listed: readonly Address[]) => void;
  readonly pool: () => readonly GuardedMember[];
  /** Healthy ones: the machine's own first, the others in an order of this machine's own, so that not all ask the same one. */
  readonly healthy: () => readonly Address[];
  readonly keeper: () => KeeperStatus;
  readonly changes: () => readonly Change[];
  readonly ownStallSeconds: () => number;
  /** Monotonic milliseconds at which the loop last turned; earlier while the data plane is stuck in a call. */
  readonly lastTurnMs: () => number;
  /** The data plane's rules stay. */
  readonly close: () => Promise<void>;
}

export interface GuardedMember extends PoolMember, Pick<Member, 'origin'> {
  readonly guard: BackendGuard;
}

/** Until then the data plane stays as it was found, unless all backends were looked at before. */
const settleMs = 1000;
const tickMs = 1000;

/** Begins at once. */
export function startCareLoop(input: CareLoopInput): CareLoop {
  const { settings, log, now, random } = input;
  const guards = new Map<string, BackendGuard>();
  const startedMs = now();
  const turn = random();
  let members: readonly Member[] = firstMembers(settings.backends, input.remembered);
  let before: readonly PoolMember[] = [];
  let changes: readonly Change[] = [];
  let wanted: string | undefined;
  let unwell = members.length;
  let stall = { seconds: 0, countedMs: startedMs };
  let turnedMs = startedMs;
  let settled = false;
  const keeper = keepTable({
    dataplane: input.dataplane,
    log,
    now,
    ...(input.mendEveryMs === undefined ? {} : { mendEveryMs: input.mendEveryMs }),
    onApplied: () => input.onApplied?.(),
  });

  const note = (subject: string, what: string, why: string): void => {
    changes = [...changes.slice(1 - mostChanges), { at: new Date().toISOString(), subject, what, why }];
  };
  const pool = (): readonly GuardedMember[] =>
    members.flatMap(({ address, origin }) => {
      const guard = guards.get(addressText(address));
      return guard === undefined ? [] : [{ address, origin, guard, health: guard.health(), local: input.isLocal(address) }];
    });

  const decide = (): void => {
    const current = pool();
    unwell = current.filter(({ health }) => health.state !== 'UP').length;
    settled ||= now() - startedMs >= settleMs || [...guards.values()].every((guard) => guard.story().lastLook !== undefined);
    if (!settled) return;
    const table = decideTable(current, settings);
    const text = tableText(table);
    if (text !== wanted) {
      wanted = text;
      note('table', text, 'decided');
      keeper.want(table);
    }
    for (const address of cutOf(before, current)) keeper.cut(address);
    before = current.map(({ address, health, local }) => ({ address, health, local }));
  };

  const onLook = (address: Address) => (look: Look, was: BackendHealth, is: BackendHealth) => {
    countStall(look);
    // Untrusted from the first look on, it has no transition that could say so.
    const distrusted = is.trouble === 'untrusted' && was.trouble !== 'untrusted';
    if (was.state !== is.state || distrusted) tellTransition(address, was, is, look);
    if (was.state !== is.state) input.onStates?.(pool());
    if (!settled || decisive(was) !== decisive(is)) decide();
  };
  const tellTransition = (address: Address, was: BackendHealth, is: BackendHealth, look: Look): void => {
    const backend = addressText(address);
    note(backend, `${was.state} → ${is.state}`, is.why);
    const { kind, result, startedMs: begunMs, endedMs, ownDelayMs } = look;
    const times = { begunMs: Math.round(begunMs), endedMs: Math.round(endedMs), ownDelayMs: Math.round(ownDelayMs) };
    const fields = { backend, from: was.state, to: is.state, why: is.why, look: { kind, result, ...times }, misses: is.misses };
    log(is.state === 'DOWN' || is.trouble === 'untrusted' ? 'warn' : 'info', `${backend} ${was.state} → ${is.state}: ${is.why}`, fields);
  };
  const countStall = ({ ownDelayMs, endedMs, startedMs: begunMs, result }: Look): void => {
    if (result !== 'missed' || ownDelayMs <= settings.pace.ownStallMs || ownDelayMs > 86_400_000 || begunMs < stall.countedMs) return;
    stall = { seconds: stall.seconds + ownDelayMs / 1000, countedMs: endedMs };
    log('warn', `this process stood still for ${Math.round(ownDelayMs)} ms; what it missed meanwhile does not count`, { ownDelayMs });
  };

  const setMembers = (next: readonly Member[]): void => {
    const texts = new Set(next.map(({ address }) => addressText(address)));
    members = next;
    for (const [text, guard] of guards) {
      if (texts.has(text)) continue;
      guard.close();
      guards.delete(text);
      tellMember(text, 'removed', 'no longer a member of the cluster, and it fails its checks');
    }
    for (const { address, origin } of next) {
      const text = addressText(address);
      if (guards.has(text)) continue;
      const prober = input.openProber(address);
      const crowd = () => ({ backends: members.length, unwell });
      const { pace, health: policy } = settings;
      guards.set(text, guardBackend({ address, prober, pace, policy, now, random, crowd, onLook: onLook(address) }));
      tellMember(text, 'added', origin === 'static' ? 'named by --rs' : 'discovered');
    }
    decide();
  };
  const tellMember = (text: string, what: string, why: string): void => {
    note(text, what, why);
    log('info', `${text} ${what}: ${why}`, { backend: text, subject: 'members' });
  };
  const update = (listed: readonly Address[] | undefined): void => {
    const failing = new Set([...guards].filter(([, guard]) => guard.health().state === 'DOWN').map(([text]) => text));
    const next = updateMembers(members, { listed, nowMs: now(), failing, absentMs: settings.absentMs });
    if (next !== members) setMembers(next);
  };

  setMembers(members);
  // Also decides at the end of settleMs, and when an address of this machine came or went.
  const tick = setInterval(() => {
    turnedMs = now();
    update(undefined);
    decide();
  }, tickMs);

  return {
    list: update,
    pool,
    healthy: () => {
      const up = pool().filter(({ health }) => health.state === 'UP');
      const others = up.filter(({ local }) => !local);
      const from = Math.floor(turn * others.length);
      return [...up.filter(({ local }) => local), ...others.slice(from), ...others.slice(0, from)].map(({ address }) => address);
    },
    keeper: keeper.status,
    changes: () => changes,
    ownStallSeconds: () => stall.seconds,
    lastTurnMs: () => Math.min(turnedMs, keeper.status().busySinceMs ?? turnedMs),
    close: async () => {
      clearInterval(tick);
      for (const guard of guards.values()) guard.close();
      await keeper.close();
    },
  };
}

/** All of a backend's health that a table is made from. */
function decisive({ state, trouble, unheard, asked, misses }: BackendHealth): string {
  return `${state} ${trouble} ${unheard} ${asked} ${misses > 0}`;
}
