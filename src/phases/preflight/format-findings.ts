/** Findings as lines for people: errors first, one line for each check and remedy, hosts of one message joined. */

import type { Finding } from './finding.ts';

/** For example `swap: m1, m2: swap is on (/dev/sda2): the kubelet does not start. Remedy: swapoff -a, …`. */
export function formatFindings(findings: readonly Finding[]): readonly string[] {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const warnings = findings.filter((finding) => finding.severity === 'warning');
  return [...grouped(errors).map(line), ...grouped(warnings).map((group) => `warning: ${line(group)}`)];
}

function grouped(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  return [...Map.groupBy(findings, (finding) => `${finding.check}\n${finding.remedy}`).values()];
}

function line(group: readonly Finding[]): string {
  const parts = [...Map.groupBy(group, (finding) => finding.message)].map(([message, same]) => {
    const hosts = same.flatMap((finding) => finding.host ?? []);
    return hosts.length === 0 ? message : `${hosts.join(', ')}: ${message}`;
  });
  return `${group[0]?.check}: ${parts.join('; ')}. Remedy: ${group[0]?.remedy}`;
}
