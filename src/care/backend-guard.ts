/** Looks at one backend for as long as it is a member, and keeps what is known of it. */

import type { Address } from './address.ts';
import type { BackendHealth } from './health/backend-health.ts';
import type { Look, LookKind, LookResult } from './health/look.ts';
import { lookBegun, lookEnded, noLooks } from './health/looks-under-way.ts';
import { nextLook } from './health/next-look.ts';
import { newHealth, observe } from './health/observe.ts';
import type { Prober } from './probe/prober.ts';
import type { HealthPolicy, Pace } from './settings.ts';

export interface BackendGuard {
  readonly address: Address;
  readonly health: () => BackendHealth;
  readonly story: () => GuardStory;
  readonly close: () => void;
}

/** Since the guard began. */
export interface GuardStory {
  readonly transitions: number;
  readonly looks: Readonly<Partial<Record<LookResult, number>>>;
  readonly answers: { readonly count: number; readonly seconds: number };
  readonly lastLook: Look | undefined;
}

export interface GuardInput {
  readonly address: Address;
  readonly prober: Prober;
  readonly pace: Pace;
  readonly policy: HealthPolicy;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  /** How many backends there are, and how many of them are not UP. */
  readonly crowd: () => { readonly backends: number; readonly unwell: number };
  /** After every look; `before` and `after` are the same value where it changed nothing. */
  readonly onLook: (look: Look, before: BackendHealth, after: BackendHealth) => void;
}

/** Begins at once. */
export function guardBackend({ address, prober, pace, policy, now, random, crowd, onLook }: GuardInput): BackendGuard {
  let health = newHealth(now());
  let underWay = noLooks;
  let checkBegunMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let story: GuardStory = { transitions: 0, looks: {}, answers: { count: 0, seconds: 0 }, lastLook: undefined };

  const take = (look: Look): void => {
    const before = health;
    health = observe(before, look, policy, pace);
    story = tell(story, look, before.state !== health.state);
    onLook(look, before, health);
  };
  const begin = (kind: LookKind): void => {
    underWay = lookBegun(underWay, kind, now());
    if (kind === 'check' || kind === 'fresh') checkBegunMs = now();
    const { backends, unwell } = crowd();
    // An apiserver that lost etcd answers for itself at once and serves for a while nobody; without any other one, that is the best there is.
    void prober.look(kind, health.mustRise && unwell < backends).then((look) => {
      if (closed) return;
      underWay = lookEnded(underWay, kind);
      take(look);
      arm();
    });
    arm();
  };
  const arm = (): void => {
    clearTimeout(timer);
    if (closed) return;
    const nowMs = now();
    const heldSession = prober.held;
    const sinceCheckMs = nowMs - checkBegunMs;
    const next = nextLook(health, { pace, heldSession, sinceCheckMs, ...crowd(), random, underWay: { looks: underWay, nowMs } });
    timer = setTimeout(begin, next.afterMs, next.kind);
  };
  prober.onClosed((event) => {
    if (closed) return;
    if (event.kind === 'closed') take(event.look);
    // At once, but not again and again at a server that ends every connection as soon as it has answered.
    if (event.kind === 'leaving' && now() - checkBegunMs > pace.suspectEveryMs) begin('fresh');
    else arm();
  });
  arm();
  return {
    address,
    health: () => health,
    story: () => story,
    close: () => {
      closed = true;
      clearTimeout(timer);
      prober.close();
    },
  };
}

function tell(story: GuardStory, look: Look, changed: boolean): GuardStory {
  const { count, seconds } = story.answers;
  const answered = look.result === 'ok';
  return {
    transitions: story.transitions + (changed ? 1 : 0),
    looks: { ...story.looks, [look.result]: (story.looks[look.result] ?? 0) + 1 },
    answers: answered ? { count: count + 1, seconds: seconds + (look.endedMs - look.startedMs) / 1000 } : story.answers,
    lastLook: look,
  };
}
