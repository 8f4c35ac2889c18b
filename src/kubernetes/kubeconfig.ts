/** Reads who and where from a kubeconfig such as kubeadm's admin.conf. */

import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';

/** Where the API is and the client certificate that opens it. All three are PEM. */
export interface KubernetesAccess {
  /** Base URLs, tried in this order: https://192.0.2.100:6443. */
  readonly servers: readonly string[];
  readonly ca: string;
  readonly cert: string;
  readonly key: Secret;
  /** Name that the server's certificate must carry, where it is not the URL's host. */
  readonly serverName?: string;
}

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64').toString('utf8'));
const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({ server: z.url(), 'certificate-authority-data': base64, 'tls-server-name': z.string().optional() }),
    }),
  ),
  users: z.array(z.object({ name: z.string(), user: z.object({ 'client-certificate-data': base64, 'client-key-data': base64 }) })),
});

/** The access of the current context. Only inline data is read; anything else is a Failure KUBERNETES that quotes no content. */
export function readKubeconfig(text: string): KubernetesAccess {
  const parsed = kubeconfigSchema.safeParse(parseYaml(text));
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
    throw new Failure('KUBERNETES', 'the kubeconfig lacks what is needed', { findings: places });
  }
  const config = parsed.data;
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined) {
    throw new Failure('KUBERNETES', `the kubeconfig's current context ${config['current-context']} names a cluster or user that it lacks`);
  }
  const serverName = cluster['tls-server-name'];
  return {
    servers: [cluster.server],
    ca: cluster['certificate-authority-data'],
    cert: user['client-certificate-data'],
    key: new Secret(user['client-key-data']),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The parser's message quotes lines of the file, which holds a private key.
    throw new Failure('KUBERNETES', 'the kubeconfig is not YAML');
  }
}
