/** Remembers which members proved that they belong to the cluster, and lets the others try again. */

import { type Address, addressText } from '../address.ts';
import type { CareLog } from '../log.ts';
import { type VerifyOptions, verifyMember } from './verify-member.ts';

export interface MemberVerifier {
  /** Those of the listed that are verified, in the same order. Whoever left the list must prove itself again when it comes back. */
  readonly admit: (listed: readonly Address[], options: VerifyOptions) => Promise<readonly Address[]>;
}

/** known: verified in an earlier life; believed without another proof. */
export function memberVerifier(known: readonly Address[], log: CareLog): MemberVerifier {
  const verified = new Set(known.map(addressText));
  const told = new Set<string>();

  async function prove(member: Address, options: VerifyOptions): Promise<void> {
    const text = addressText(member);
    const verification = await verifyMember(member, options);
    if (verification.kind === 'verified') {
      verified.add(text);
      told.delete(text);
    } else if (!options.signal.aborted && !told.has(text)) {
      told.add(text);
      log('warn', `${text} is on the cluster's list of masters and gets no connections until it proves itself: ${verification.why}`, {
        remedy: `openssl s_client -connect ${text} -CAfile /etc/kubernetes/pki/ca.crt </dev/null`,
      });
    }
  }

  return {
    async admit(listed, options) {
      const texts = new Set(listed.map(addressText));
      if (listed.length > 0) for (const text of verified) if (!texts.has(text)) verified.delete(text);
      await Promise.all(listed.filter((member) => !verified.has(addressText(member))).map((member) => prove(member, options)));
      return listed.filter((member) => verified.has(addressText(member)));
    },
  };
}
