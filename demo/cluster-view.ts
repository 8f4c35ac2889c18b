/** What the rehearsal needs to know about the cluster: nodes, and who holds the virtual address. */

import { z } from 'zod';
import type { KubernetesClient } from '../src/kubernetes/client.ts';
import type { Lab } from '../src/lab/lab-file.ts';
import { labNetwork } from '../src/lab/lab-plan.ts';
import { labSshCommand } from '../src/lab/lab-ssh.ts';
import { runInLab } from '../src/lab/run-in-lab.ts';

const nodeSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** Names of the nodes that are Ready. */
export async function readyNodes(client: KubernetesClient): Promise<readonly string[]> {
  const nodes = (await client.list('/api/v1/nodes', { timeoutSeconds: 5 })).map((node) => nodeSchema.parse(node));
  const ready = nodes.filter((node) => node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'));
  return ready.map((node) => node.metadata.name);
}

/** The masters that have the virtual address right now: one, if all is well. */
export async function holders(lab: Lab): Promise<readonly string[]> {
  const masters = lab.machines.filter((machine) => machine.role === 'master');
  const answers = await Promise.all(
    masters.map(async (machine) => {
      const argv = labSshCommand(lab.name, machine, ['hostname', '-I']);
      const result = await runInLab(lab.name, argv, { timeoutSeconds: 10 }).catch(() => undefined);
      return { name: machine.name, addresses: result?.stdout.trim().split(/\s+/) ?? [] };
    }),
  );
  return answers.filter(({ addresses }) => addresses.includes(labNetwork.vip)).map(({ name }) => name);
}
