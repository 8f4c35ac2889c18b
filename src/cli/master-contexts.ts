/** A kubeconfig for clients outside of a cluster whose endpoint is at home on its machines only: a context for each master. */

import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Failure } from '../model/failure.ts';

export interface MasterContext {
  readonly master: string;
  /** https://192.0.2.11:6443 */
  readonly server: string;
}

const entrySchema = z.object({ name: z.string() });
const adminSchema = z.object({
  clusters: z.tuple([entrySchema.extend({ cluster: z.object({ 'certificate-authority-data': z.string() }) })]),
  users: z.tuple([entrySchema.extend({ user: z.unknown() })]),
});

export interface MasterContextsInput {
  /** kubeadm's admin.conf. */
  readonly text: string;
  readonly cluster: string;
  /** In every apiserver's certificate, also of masters that joined later under addresses that the first did not know. */
  readonly serverName: string;
  readonly masters: readonly MasterContext[];
  /** Name of the master whose context is the current one. */
  readonly current: string;
}

/** Contexts and clusters are called CLUSTER@MASTER, all with admin.conf's user. */
export function masterContexts({ text, cluster, serverName, masters, current }: MasterContextsInput): string {
  const admin = readAdmin(text);
  const user = admin.users[0];
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: masters.map(({ master, server }) => ({
        name: `${cluster}@${master}`,
        cluster: {
          server,
          'tls-server-name': serverName,
          'certificate-authority-data': admin.clusters[0].cluster['certificate-authority-data'],
        },
      })),
      contexts: masters.map(({ master }) => ({
        name: `${cluster}@${master}`,
        context: { cluster: `${cluster}@${master}`, user: user.name },
      })),
      users: [user],
      'current-context': `${cluster}@${current}`,
    },
    { lineWidth: 0 },
  );
}

function readAdmin(text: string): z.infer<typeof adminSchema> {
  try {
    return adminSchema.parse(parse(text));
  } catch {
    // The parser's message could quote lines of the file, which holds a private key.
    throw new Failure('KUBERNETES', 'the admin kubeconfig on the master is not as kubeadm writes it', {
      remedy: 'on that master: kubeadm init phase kubeconfig admin writes it anew, once /etc/kubernetes/admin.conf is moved away',
    });
  }
}
