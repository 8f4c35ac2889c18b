/** Who led etcd when, from what each member said. Pure. */

import type { RecordedEvent } from '../../model/event.ts';
import type { AgentLook } from '../agent/agent-look.ts';
import type { MachineLooks } from './machine-looks.ts';

type LeaderEvent = Extract<RecordedEvent, { readonly kind: 'leader' }>;
type EtcdLook = Extract<AgentLook, { readonly kind: 'etcd' }>;

const appliedWithinMs = 10_000;

/**
 * Only changes, in order of time. The highest term counts: a leader that was cut off goes on believing in itself for a while. It
 * is not believed when a majority of the members knows of no leader. A machine that is not heard of any more says nothing, except
 * when nobody else does.
 */
export function etcdLeaderEvents(machines: readonly MachineLooks[]): readonly LeaderEvent[] {
  const members = machines
    .map(({ looks, heardMs }) => ({ heardMs, looks: looks.filter((look) => look.kind === 'etcd') }))
    .filter(({ looks }) => looks.length > 0);
  const times = new Set(members.flatMap(({ looks }) => looks.map(({ atMs }) => atMs)));
  const events: LeaderEvent[] = [];
  for (const atMs of [...times].toSorted((a, b) => a - b)) {
    const said = members.flatMap(({ looks, heardMs }) => {
      const look = looks.findLast((one) => one.atMs <= atMs);
      return look === undefined || atMs > heardMs ? [] : [look];
    });
    const { holder, term } = leaderOf(said, members.length);
    if (events.length === 0 ? said.length < members.length && holder === undefined : events.at(-1)?.holder === holder) continue;
    events.push({ kind: 'leader', atMs, of: 'etcd', holder, ...(term === undefined ? {} : { term }) });
  }
  return withTerms(events, members);
}

/**
 * What a member tells as its term is that of the last entry it applied, so that a new leader has the old one's for a while (seconds on
 * a busy machine): a reign's term is the highest that was told in it, and unknown while it is short and no higher than another one's before.
 */
function withTerms(
  events: readonly LeaderEvent[],
  members: readonly { readonly heardMs: number; readonly looks: readonly EtcdLook[] }[],
): readonly LeaderEvent[] {
  const looks = members.flatMap((member) => member.looks);
  const heardMs = Math.max(...members.map((member) => member.heardMs));
  let before: { readonly holder: string; readonly term: number } | undefined;
  return events.map((event, index) => {
    if (event.holder === undefined) return event;
    const endMs = events[index + 1]?.atMs ?? heardMs;
    const own = looks.filter(({ leader, atMs }) => leader === event.holder && atMs >= event.atMs && atMs <= endMs);
    const term = Math.max(event.term ?? 0, ...own.map((look) => look.term));
    const { kind, atMs, of, holder } = event;
    const another = before !== undefined && before.holder !== holder;
    // Only changes are looks: it is the time that passes without one that tells.
    if (another && term <= (before?.term ?? 0) && endMs - atMs < appliedWithinMs) return { kind, atMs, of, holder };
    before = { holder, term };
    return { kind, atMs, of, holder, term };
  });
}

function leaderOf(said: readonly EtcdLook[], members: number): { readonly holder: string | undefined; readonly term?: number } {
  const answers = said.filter((look) => look.answers);
  const term = Math.max(...answers.map((look) => look.term));
  const holder = answers.find((look) => look.term === term && look.leader !== undefined)?.leader;
  const without = answers.filter((look) => look.leader === undefined).length;
  const believed = holder !== undefined && (without <= members / 2 || answers.filter(({ leader }) => leader === holder).length > 1);
  return believed ? { holder, term } : { holder: undefined };
}
