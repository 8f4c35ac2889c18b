/** What is wrong with a cluster file although each of its values is well formed. */

import { endpointFindings } from './check-endpoint.ts';
import { etcdFindings } from './check-etcd.ts';
import { hostFindings } from './check-hosts.ts';
import { kubeadmFindings } from './check-kubeadm.ts';
import { masterFindings } from './check-masters.ts';
import { networkFindings } from './check-network.ts';
import { roleFindings } from './check-roles.ts';
import { readDraft } from './draft.ts';
import type { Meaning } from './finding.ts';

export function meaningFindings(data: unknown, allowEven: boolean): Meaning {
  const draft = readDraft(data);
  const masters = masterFindings(draft, allowEven);
  const etcd = etcdFindings(draft, allowEven);
  const kubeadm = kubeadmFindings(draft);
  return {
    findings: [
      ...hostFindings(draft),
      ...roleFindings(draft),
      ...masters.findings,
      ...etcd.findings,
      ...endpointFindings(draft),
      ...networkFindings(draft),
      ...kubeadm.findings,
    ],
    warnings: [...masters.warnings, ...etcd.warnings, ...kubeadm.warnings],
  };
}
