/**
 * From what is known of the backends to what the data plane should do, and whose connections are cut.
 *
 * Somebody UP:  they get new connections (the machine's own alone, where that is preferred); SUSPECT and DRAIN keep theirs, weight 0.
 * Nobody UP:    the best that is not DOWN gets them, the rest weight 0, in this order:
 *   1. held down after flapping, but answering well
 *   2. SUSPECT otherwise: silent for a moment (the trouble may be this node's own network), or not answering what it is asked
 *   3. DRAIN: it answers, and says that it is not ready
 *   4. never heard yet
 *   5. SUSPECT for its certificate: whoever connects judges for himself
 * All DOWN:     those that at least accept connections, if there are any: when all fall silent at once, the likely reason is that
 *               this machine or all of them have no time, and waiting is better than being refused. Else reject.
 * Otherwise DOWN ones are in no table, and their connections are cut.
 */

import { type Address, addressText } from './address.ts';
import type { Table } from './dataplane/dataplane.ts';
import type { BackendHealth } from './health/backend-health.ts';

export interface PoolMember {
  readonly address: Address;
  readonly health: BackendHealth;
  /** It is this machine's own backend. */
  readonly local: boolean;
}

/** serve always has a target of weight 1; reject has no targets. Targets are in the pool's order. */
export function decideTable(pool: readonly PoolMember[], { preferLocal }: { readonly preferLocal: boolean }): Table {
  const alive = kept(pool);
  if (alive.length === 0) return { kind: 'reject', targets: [] };
  const best = Math.min(...alive.map(({ health }) => rank(health)));
  const chosen = alive.filter(({ health }) => rank(health) === best);
  const own = preferLocal ? chosen.filter(({ local, health }) => local && health.state === 'UP') : [];
  const served = new Set(own.length > 0 ? own : chosen);
  return { kind: 'serve', targets: alive.map((member) => ({ address: member.address, weight: served.has(member) ? 1 : 0 })) };
}

/** The members of the table. */
function kept(pool: readonly PoolMember[]): readonly PoolMember[] {
  const alive = pool.filter(({ health }) => health.state !== 'DOWN');
  return alive.length > 0 ? alive : pool.filter(({ health }) => health.trouble === 'soft');
}

/**
 * Whose established connections are cut between two states of the pool: exactly those that became DOWN and those that are members no
 * more. Who was DOWN before, or is SUSPECT or DRAIN, or is DOWN but a last resort, is not among them.
 */
export function cutOf(before: readonly PoolMember[], after: readonly PoolMember[]): readonly Address[] {
  const keptBefore = textsOf(kept(before));
  const keptAfter = textsOf(kept(after));
  const members = textsOf(after);
  const known = textsOf(before);
  const fallen = after.filter(({ address, health }) => {
    const text = addressText(address);
    return health.state === 'DOWN' && !keptAfter.has(text) && (keptBefore.has(text) || !known.has(text));
  });
  const left = before.filter(({ address }) => !members.has(addressText(address)));
  return [...fallen, ...left].map(({ address }) => address);
}

function textsOf(pool: readonly PoolMember[]): ReadonlySet<string> {
  return new Set(pool.map(({ address }) => addressText(address)));
}

function rank({ state, unheard, asked, misses, trouble }: BackendHealth): number {
  if (state === 'UP') return 0;
  if (state === 'DOWN') return 6;
  if (state === 'DRAIN') return 3;
  if (trouble === 'untrusted') return 5;
  if (unheard) return 4;
  return asked === 'ok' && misses === 0 ? 1 : 2;
}
