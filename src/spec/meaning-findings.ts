/** What is wrong with a cluster file although each of its values is well formed. */

import { endpointFindings } from './check-endpoint.ts';
import { hostFindings } from './check-hosts.ts';
import { kubeadmFindings } from './check-kubeadm.ts';
import { masterFindings } from './check-masters.ts';
import { networkFindings } from './check-network.ts';
import { readDraft } from './draft.ts';
import type { Meaning } from './finding.ts';

export function meaningFindings(data: unknown, allowEven: boolean): Meaning {
  const draft = readDraft(data);
  const masters = masterFindings(draft, allowEven);
  return {
    findings: [
      ...hostFindings(draft),
      ...masters.findings,
      ...endpointFindings(draft),
      ...networkFindings(draft),
      ...kubeadmFindings(draft.kubeadm),
    ],
    warnings: masters.warnings,
  };
}
