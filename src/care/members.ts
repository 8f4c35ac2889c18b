/** Who belongs to the pool: the members that were given (always) and those that were discovered (until they are gone for good). */

import { type Address, addressText } from './address.ts';

export interface Member {
  readonly address: Address;
  /** static: from --rs. discovered: from the cluster's own list, or from the last good one on disk. */
  readonly origin: 'static' | 'discovered';
  /** Monotonic milliseconds since which the list has not named it; undefined: it does, or nobody asked yet. */
  readonly absentSinceMs: number | undefined;
}

export interface MembersNews {
  /** Verified ones only: admission is the caller's. undefined and empty: there is no news, and nobody is absent because of it. */
  readonly listed: readonly Address[] | undefined;
  /** Monotonic. */
  readonly nowMs: number;
  /** The texts of the backends that fail their checks now (DOWN). */
  readonly failing: ReadonlySet<string>;
  readonly absentMs: number;
}

/** Static ones, then those of the last good list that are not among them; each address once. */
export function firstMembers(given: readonly Address[], remembered: readonly Address[]): readonly Member[] {
  return joined(
    [],
    [
      ...given.map((address) => ({ address, origin: 'static', absentSinceMs: undefined }) as const),
      ...remembered.map((address) => ({ address, origin: 'discovered', absentSinceMs: undefined }) as const),
    ],
  );
}

/**
 * The members from now on, old ones in their old order; the very same value when nothing changed. A discovered member that the list does
 * not name goes after absentMs, and only while it fails its checks; call it again as time goes by, with the last list or with
 * undefined. A static one never goes, and neither does the last one.
 */
export function updateMembers(members: readonly Member[], { listed, nowMs, failing, absentMs }: MembersNews): readonly Member[] {
  const named = listed === undefined || listed.length === 0 ? undefined : new Set(listed.map(addressText));
  const seen = named === undefined ? members : members.map((member) => markAbsent(member, named, nowMs));
  const all = joined(
    seen,
    (listed ?? []).map((address) => ({ address, origin: 'discovered', absentSinceMs: undefined })),
  );
  const stay = all.filter(
    ({ address, origin, absentSinceMs }) =>
      origin === 'static' || absentSinceMs === undefined || nowMs - absentSinceMs < absentMs || !failing.has(addressText(address)),
  );
  const next = stay.length > 0 ? stay : all.slice(0, 1);
  return next.length === members.length && next.every((member, index) => member === members[index]) ? members : next;
}

function markAbsent(member: Member, named: ReadonlySet<string>, nowMs: number): Member {
  if (named.has(addressText(member.address))) return member.absentSinceMs === undefined ? member : { ...member, absentSinceMs: undefined };
  if (member.origin === 'static' || member.absentSinceMs !== undefined) return member;
  return { ...member, absentSinceMs: nowMs };
}

function joined(members: readonly Member[], more: readonly Member[]): readonly Member[] {
  const byText = new Map(members.map((member) => [addressText(member.address), member]));
  for (const member of more) {
    const text = addressText(member.address);
    if (!byText.has(text)) byText.set(text, member);
  }
  return [...byText.values()];
}
