/** Keeps the list of masters up to date from EndpointSlice default/kubernetes, asked directly of one healthy master after another. */

import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import type { CareLog } from '../log.ts';
import type { DiscoverySettings } from '../settings.ts';
import type { DiscoveryStatus } from '../status.ts';
import type { MasterAccess } from './ask-master.ts';
import { chooseMaster } from './choose-master.ts';
import { followSlice, type SliceNews } from './follow-slice.ts';
import { type MemberVerifier, memberVerifier } from './member-verifier.ts';
import { type Story, tellStory } from './story.ts';

export interface DiscoverInput {
  readonly settings: DiscoverySettings;
  /** The healthy ones, best first. */
  readonly masters: () => readonly Address[];
  /** PEM file of the cluster's CA; undefined: the kubeconfig's own. */
  readonly caFile: string | undefined;
  /** The name in the masters' certificates; left out: their IP. */
  readonly serverName?: string | undefined;
  /** Members that were admitted before this process began: they need not prove themselves again. */
  readonly known?: readonly Address[];
  readonly signal: AbortSignal;
  readonly log: CareLog;
  /** Ends early, in either way, when the signal is aborted. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** What the status shows; called at each change and each sign of life. */
  readonly report?: (status: DiscoveryStatus) => void;
  /** Wall-clock milliseconds. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly pace?: Partial<DiscoverPace>;
}

/** All in milliseconds. */
export interface DiscoverPace {
  /** Between two looks for a kubeconfig that is not there yet, or a master that is healthy. */
  readonly waitMs: number;
  /** Between two looks at members that did not prove themselves yet, and at whether the master that is asked is still healthy. */
  readonly tickMs: number;
  readonly answerMs: number;
  readonly idleMs: number;
  readonly verifyMs: number;
  /** The pause after all masters failed; doubled up to the most, and varied by chance. */
  readonly backoffMs: number;
  readonly backoffMostMs: number;
  /** A watch that lived so long shows that all is well: the next trouble is told anew. */
  readonly stableMs: number;
}

const defaultPace: DiscoverPace = {
  waitMs: 3000,
  tickMs: 5000,
  answerMs: 5000,
  idleMs: 90_000,
  verifyMs: 1000,
  backoffMs: 1000,
  backoffMostMs: 30_000,
  stableMs: 30_000,
};

/** One attempt at following, by the monotonic clock; goodSinceMs: when members first came. */
interface Life {
  readonly startedMs: number;
  goodSinceMs: number | undefined;
}

/** What all attempts share. */
interface Round {
  readonly input: DiscoverInput;
  readonly pace: DiscoverPace;
  readonly verifier: MemberVerifier;
  readonly story: Story;
  /** The list that was yielded last, as text: the next master's is most often the same. */
  yielded: string;
}

/**
 * Yields the members each time they changed: never an empty list, never one that did not verify against the CA. Ends only by its signal.
 * Troubles are logged once, with the next command, and tried again with growing pauses.
 */
export async function* discover(input: DiscoverInput): AsyncGenerator<readonly Address[]> {
  const { signal } = input;
  const pace = { ...defaultPace, ...input.pace };
  const random = input.random ?? Math.random;
  const pause = (ms: number) => (signal.aborted ? undefined : input.delay(ms, signal).catch(() => undefined));
  const story = tellStory(input.log, input.report ?? (() => undefined), input.now ?? Date.now);
  const round: Round = { input, pace, story, verifier: memberVerifier(input.known ?? [], input.log), yielded: '' };
  const failed = new Set<string>();
  let rounds = 0;

  function settle(life: Life): void {
    if (life.goodSinceMs === undefined || performance.now() - life.goodSinceMs < pace.stableMs) return;
    story.wasStable();
    failed.clear();
    rounds = 0;
  }

  while (!signal.aborted) {
    const life: Life = { startedMs: performance.now(), goodSinceMs: undefined };
    let asked: Address | undefined;
    try {
      const chosen = await chooseMaster(input, failed);
      if (chosen.kind === 'wait') {
        story.waiting(chosen.why);
        await pause(pace.waitMs);
        continue;
      }
      asked = chosen.access.master;
      yield* follow(round, chosen.access, life);
      if (performance.now() - life.startedMs < pace.stableMs / 10) {
        throw new Failure('KUBERNETES_UNREACHABLE', `${addressText(asked)} ends every watch at once`);
      }
      settle(life);
    } catch (error) {
      if (signal.aborted) break;
      settle(life);
      story.failed(error);
      if (asked !== undefined) failed.add(addressText(asked));
    }
    if (input.masters().some((master) => !failed.has(addressText(master)))) {
      // Many machines lose the same master at the same moment: they do not ask the next one all at once.
      await pause(pace.backoffMs * random());
    } else {
      failed.clear();
      await pause(Math.min(pace.backoffMostMs, pace.backoffMs * 2 ** Math.min(rounds, 20)) * (0.5 + random() / 2));
      rounds += 1;
    }
  }
}

/** Ends when the master ends the watch or is no longer healthy. */
async function* follow(round: Round, access: MasterAccess, life: Life): AsyncGenerator<readonly Address[]> {
  const { input, pace, verifier, story } = round;
  const over = new AbortController();
  const signal = AbortSignal.any([input.signal, over.signal]);
  const news = followSlice({ ...access, signal, answerMs: pace.answerMs, idleMs: pace.idleMs });
  // Both may end while the caller is busy with what was yielded: what they bring is a value, so that no rejection goes unheard.
  const ask = (): Promise<Turn> => news.next().then(toNews, toBroken);
  const wait = (): Promise<Turn> => input.delay(pace.tickMs, signal).then(toTick, toTick);
  let nextNews = ask();
  let nextTick = wait();
  let listed: readonly Address[] = [];
  try {
    while (!signal.aborted) {
      const turn = await Promise.race([nextNews, nextTick]);
      if (turn.kind === 'broken') throw turn.error;
      if (turn.kind === 'ended') return;
      if (turn.kind === 'tick') {
        nextTick = wait();
        if (!isHealthy(access.master, input.masters())) return;
      } else {
        nextNews = ask();
        if (turn.news.kind === 'members') life.goodSinceMs ??= performance.now();
        listed = membersOf(turn.news, listed, access.master, story);
      }
      const verified = await verifier.admit(listed, { ...access, timeoutMs: pace.verifyMs, signal });
      story.following(access.master, verified, listed);
      const text = verified.map(addressText).join();
      if (verified.length > 0 && text !== round.yielded) {
        round.yielded = text;
        yield verified;
      }
    }
  } finally {
    over.abort();
    await nextNews;
  }
}

type Turn =
  | { readonly kind: 'tick' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'broken'; readonly error: unknown }
  | { readonly kind: 'news'; readonly news: SliceNews };

const toTick = (): Turn => ({ kind: 'tick' });
const toBroken = (error: unknown): Turn => ({ kind: 'broken', error });
const toNews = (result: IteratorResult<SliceNews, unknown>): Turn =>
  result.done === true ? { kind: 'ended' } : { kind: 'news', news: result.value };

const isHealthy = (master: Address, masters: readonly Address[]) => masters.some((one) => addressText(one) === addressText(master));

/** The list as it is now: an empty one, or none at all, is told and changes nothing. */
function membersOf(news: SliceNews, before: readonly Address[], master: Address, story: Story): readonly Address[] {
  switch (news.kind) {
    case 'members':
      story.heard(news.kind);
      return news.members;
    case 'alive':
      story.heard(news.kind);
      return before;
    case 'empty':
    case 'gone':
      story.nobody(master, news.kind);
      return before;
  }
}
