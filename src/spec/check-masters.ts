/** The number of masters: quorum arithmetic, in words. */

import type { Draft } from './draft.ts';
import type { Finding, Meaning } from './finding.ts';

export function masterFindings(draft: Draft, allowEven: boolean): Meaning {
  const nothing = { findings: [], warnings: [] };
  if (!draft.rolesAreKnown) return nothing;
  const masters = draft.hosts.filter((host) => host.isMaster);
  const count = masters.length;
  if (count === 0) {
    return {
      ...nothing,
      findings: [
        {
          path: ['spec', 'hosts'],
          at: 'key',
          message: 'no host has the role master',
          expected: 'an odd number of masters: 3 survive the loss of one',
        },
      ],
    };
  }
  if (count % 2 === 1) {
    const warning = `${count} masters: etcd gets slower with each member, and 7 already survive the loss of 3.`;
    return count > 7 ? { ...nothing, warnings: [warning] } : nothing;
  }
  const arithmetic = evenArithmetic(count);
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

/** `2 masters: the quorum is 2, so 0 may fail, the same as with 1, and there is one more machine that can fail.` */
function evenArithmetic(count: number): string {
  const quorum = count / 2 + 1;
  const tolerated = count - quorum;
  const lost = tolerated === 0 ? ': losing either one stops every write to the cluster' : '';
  return `${count} masters: the quorum is ${quorum}, so ${tolerated} may fail, the same as with ${count - 1}, and there is one more machine that can fail${lost}`;
}
