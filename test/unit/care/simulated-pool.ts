/** Health, next-look and decide against simulated backends, a simulated network and a simulated clock: minutes of faults in milliseconds. */

import type { Table } from '../../../src/care/dataplane/dataplane.ts';
import { decideTable } from '../../../src/care/decide.ts';
import type { BackendHealth, BackendState } from '../../../src/care/health/backend-health.ts';
import type { LookKind, LookResult } from '../../../src/care/health/look.ts';
import { lookBegun, lookEnded, noLooks } from '../../../src/care/health/looks-under-way.ts';
import { nextLook } from '../../../src/care/health/next-look.ts';
import { newHealth, observe } from '../../../src/care/health/observe.ts';
import type { HealthPolicy, Pace } from '../../../src/care/settings.ts';
import { type Episode, type Line, simulatedLine } from './simulated-line.ts';
import { simulatedTime } from './simulated-time.ts';

export interface PoolInput {
  /** By backend: what it does from when on; `well` before. */
  readonly backends: readonly (readonly Episode[])[];
  readonly lengthMs: number;
  readonly seed: number;
  readonly pace: Pace;
  readonly policy: HealthPolicy;
  /** Part of the packets that get lost, each way. */
  readonly loss?: number;
  /** This process stands still: from, to. */
  readonly stalls?: readonly (readonly [number, number])[];
  /** false: a protocol without a session that could be PINGed. */
  readonly session?: boolean;
}

export interface Transition {
  readonly atMs: number;
  readonly backend: number;
  readonly from: BackendState;
  readonly to: BackendState;
  readonly why: string;
}

export interface PoolRecord {
  readonly transitions: readonly Transition[];
  readonly tables: readonly { readonly atMs: number; readonly table: Table }[];
  readonly looks: number;
  readonly healths: readonly BackendHealth[];
}

interface OpenLook {
  readonly settle: (kind: LookKind, result: LookResult, why: string) => void;
  readonly connected: () => boolean;
}

export function simulatePool(input: PoolInput): PoolRecord {
  const random = seededRandom(input.seed);
  const time = simulatedTime(input.stalls ?? []);
  const transitions: Transition[] = [];
  const tables: { atMs: number; table: Table }[] = [];
  let looks = 0;
  const healths = input.backends.map(() => newHealth(0));
  const decide = (): void => {
    const pool = healths.map((health, index) => ({
      address: { ip: `10.0.${index >> 8}.${index & 255}`, family: 4 as const, port: 6443 },
      health,
      local: false,
    }));
    tables.push({ atMs: time.now(), table: decideTable(pool, { preferLocal: true }) });
  };
  input.backends.forEach((episodes, backend) => {
    const line = simulatedLine(episodes, input.loss ?? 0, random);
    const kill = watch(backend, line);
    for (const { fromMs, kind } of episodes) if (kind === 'killed') time.at(fromMs, 'answer', kill);
  });
  time.runUntil(input.lengthMs);
  return { transitions, tables, looks, healths };

  /** Returns what the death of the process does to its connections. */
  function watch(backend: number, line: Line): () => void {
    let underWay = noLooks;
    let lastCheckMs = Number.NEGATIVE_INFINITY;
    let [held, armed] = [false, 0];
    const open = new Set<OpenLook>();
    const news = (kind: LookKind, result: LookResult, startedMs: number, detail: string): void => {
      const before = healths[backend] ?? newHealth(0);
      const look = { kind, result, startedMs, endedMs: time.now(), ownDelayMs: time.stallSince(startedMs), detail };
      const after = observe(before, look, input.policy, input.pace);
      healths[backend] = after;
      if (before.state === after.state) return;
      transitions.push({ atMs: time.now(), backend, from: before.state, to: after.state, why: after.why });
      decide();
    };
    const arm = (): void => {
      armed += 1;
      const mine = armed;
      const { kind, afterMs } = nextLook(healths[backend] ?? newHealth(0), {
        pace: input.pace,
        heldSession: held,
        sinceCheckMs: time.now() - lastCheckMs,
        backends: healths.length,
        unwell: healths.filter(({ state }) => state !== 'UP').length,
        random,
        underWay: { looks: underWay, nowMs: time.now() },
      });
      time.at(time.now() + afterMs, 'timer', () => mine === armed && begin(kind));
    };
    const begin = (asked: LookKind): void => {
      looks += 1;
      const startedMs = time.now();
      underWay = lookBegun(underWay, asked, startedMs);
      const fresh = asked === 'fresh' || asked === 'connect' || !held;
      if (asked === 'check' || asked === 'fresh') lastCheckMs = startedMs;
      let [settled, connected] = [false, !fresh];
      const look: OpenLook = {
        connected: () => connected,
        settle: (kind, result, detail) => {
          if (settled) return;
          settled = true;
          open.delete(look);
          underWay = lookEnded(underWay, asked);
          if (kind === 'fresh' && (result === 'ok' || result === 'draining') && input.session !== false) {
            held = true;
            line.newSession();
          }
          if (result === 'closed' && !fresh) held = false;
          news(kind, result, startedMs, detail);
          arm();
        },
      };
      open.add(look);
      const question = (): void => {
        connected = true;
        const patienceMs = asked === 'ping' ? input.pace.timeoutMs : input.pace.checkTimeoutMs;
        const answer = line.ask(time.now(), asked, fresh);
        time.at(time.now() + patienceMs, 'timer', () => look.settle(asked, 'missed', `no answer to ${asked} within ${patienceMs} ms`));
        time.at(answer.atMs, 'answer', () => look.settle(asked, answer.result, `${answer.result} to ${asked}`));
      };
      if (!fresh) question();
      else {
        const knock = line.connect(time.now());
        time.at(time.now() + input.pace.timeoutMs, 'timer', () => !connected && look.settle('connect', 'missed', 'no connection'));
        time.at(knock.atMs, 'answer', () => {
          if (settled) return;
          if (knock.result !== 'ok' || asked === 'connect') look.settle('connect', knock.result, `${knock.result} to connect`);
          else question();
        });
      }
      arm();
    };
    arm();
    return () => {
      const asking = [...open].filter((look) => look.connected());
      const tellAnyway = held && asking.length === 0;
      held = false;
      for (const look of asking) look.settle('ping', 'closed', 'the session was closed');
      if (tellAnyway) news('ping', 'closed', time.now(), 'the session was closed');
      arm();
    };
  }
}

/** mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
