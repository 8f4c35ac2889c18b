/** The number of masters: with stacked etcd each has a member, so quorum arithmetic holds. */

import type { Draft } from './draft.ts';
import { evenArithmetic, manyMembers } from './even-arithmetic.ts';
import type { Finding, Meaning } from './finding.ts';

export function masterFindings(draft: Draft, allowEven: boolean): Meaning {
  const nothing = { findings: [], warnings: [] };
  if (!draft.rolesAreKnown) return nothing;
  const masters = draft.hosts.filter((host) => host.isMaster);
  const count = masters.length;
  const stacked = draft.etcd?.topology !== 'external';
  if (count === 0) {
    const expected = stacked ? 'an odd number of masters: 3 survive the loss of one' : 'masters: 2 survive the loss of one';
    return { ...nothing, findings: [{ path: ['spec', 'hosts'], at: 'key', message: 'no host has the role master', expected }] };
  }
  // With etcd elsewhere the masters hold no votes: any number serves.
  if (!stacked) return nothing;
  if (count % 2 === 1) return count > 7 ? { ...nothing, warnings: [manyMembers(count, 'masters')] } : nothing;
  const arithmetic = evenArithmetic(count, 'masters');
  if (allowEven) return { ...nothing, warnings: [arithmetic] };
  const finding: Finding = {
    path: masters.at(-1)?.path ?? ['spec', 'hosts'],
    at: 'value',
    message: arithmetic,
    expected: `${count - 1} or ${count + 1} masters; --allow-even accepts ${count}`,
    code: 'EVEN_MASTERS',
  };
  return { ...nothing, findings: [finding] };
}
