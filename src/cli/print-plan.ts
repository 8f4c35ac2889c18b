/** Prints planned steps: by phase and host for people, as one JSON list for machines. */

import type { Step } from '../model/step.ts';

export interface PrintPlanOptions {
  readonly json: boolean;
  readonly stream: { write: (text: string) => unknown };
}

export function printPlan(steps: readonly Step[], { json, stream }: PrintPlanOptions): void {
  stream.write(json ? `${JSON.stringify({ steps: steps.map(asJson) }, null, 2)}\n` : planText(steps));
}

/** Secrets print as «secret»; long contents are left out: trivet render shows them. */
function asJson(step: Step): { id: string; host: string; title: string; kind: string } {
  return { id: step.id, host: step.host, title: step.title, kind: step.action.kind };
}

/** Hosts with the same steps share a line. */
export function planText(steps: readonly Step[]): string {
  if (steps.length === 0) return 'Nothing to do: the machines are as the cluster file says.\n';
  const lines: string[] = [];
  const byStep = new Map<string, { readonly title: string; readonly hosts: string[] }>();
  for (const step of steps) {
    const key = `${step.id}\n${step.title}`;
    const known = byStep.get(key);
    if (known === undefined) byStep.set(key, { title: step.title, hosts: [step.host] });
    else known.hosts.push(step.host);
  }
  let phase = '';
  for (const [key, { title, hosts }] of byStep) {
    const name = key.slice(0, key.indexOf('/'));
    if (name !== phase) lines.push(`${name}`);
    phase = name;
    lines.push(`  ${title}  [${hosts.join(', ')}]`);
  }
  return `${lines.join('\n')}\n${steps.length} steps on ${new Set(steps.map((step) => step.host)).size} machines.\n`;
}
