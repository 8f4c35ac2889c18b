/** Who care is to the apiservers: read anew from the kubeconfig and the files it names at every connection, because kubelet renews its own. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../model/failure.ts';
import { Secret } from '../../model/secret.ts';
import { readPlainYaml } from './kubeconfig-text.ts';

export interface Credentials {
  /** PEM of the cluster's CA; undefined: the kubeconfig names none. */
  readonly ca: string | undefined;
  /** PEM of the client certificate and its key; undefined: a token is all there is. */
  readonly client: { readonly cert: string; readonly key: Secret } | undefined;
  readonly token: Secret | undefined;
}

/**
 * undefined while the kubeconfig, or a file that it names, does not exist (before the join). Its server is not read: masters are asked
 * directly. Throws Failure KUBERNETES for a kubeconfig that cannot be used; nothing of its content is quoted.
 */
export async function readCredentials(kubeconfig: string): Promise<Credentials | undefined> {
  const text = await readIfThere(kubeconfig);
  if (text === undefined) return undefined;
  const config = map(readPlainYaml(text));
  const context = named(config.contexts, config['current-context'], 'context');
  const cluster = named(config.clusters, context?.cluster, 'cluster');
  const user = named(config.users, context?.user, 'user');
  if (user === undefined) {
    throw new Failure('KUBERNETES', `${kubeconfig} has no user for its current context`, {
      remedy: `kubectl config view --kubeconfig ${kubeconfig}`,
    });
  }
  const read = (holder: PlainMap | undefined, inline: string, file: string) => material(holder, inline, file, kubeconfig);
  const [ca, cert, key] = await Promise.all([
    read(cluster, 'certificate-authority-data', 'certificate-authority'),
    read(user, 'client-certificate-data', 'client-certificate'),
    read(user, 'client-key-data', 'client-key'),
  ]);
  const token = typeof user.tokenFile === 'string' ? await readIfThere(resolve(dirname(kubeconfig), user.tokenFile)) : nonEmpty(user.token);
  if (ca === missing || cert === missing || key === missing) return undefined;
  const client = cert === undefined || key === undefined ? undefined : { cert, key: new Secret(key) };
  if (client === undefined && token === undefined) {
    if (typeof user.tokenFile === 'string') return undefined;
    throw new Failure('KUBERNETES', `the user of ${kubeconfig} has neither a client certificate with its key nor a token`, {
      remedy: 'name a kubeconfig with a certificate or a token: --kubeconfig /etc/kubernetes/kubelet.conf (exec plugins are not run)',
    });
  }
  return { ca, client, token: token === undefined ? undefined : new Secret(token.trim()) };
}

type PlainMap = Readonly<Record<string, unknown>>;

const missing = Symbol('the file is not there yet');

async function material(
  holder: PlainMap | undefined,
  inline: string,
  file: string,
  kubeconfig: string,
): Promise<string | undefined | typeof missing> {
  const data = nonEmpty(holder?.[inline]);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const path = nonEmpty(holder?.[file]);
  return path === undefined ? undefined : ((await readIfThere(resolve(dirname(kubeconfig), path))) ?? missing);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Failure('KUBERNETES', `${path} cannot be read`, { cause: error, remedy: `see who may read it: ls -l ${path}` });
  }
}

/** The entry of that name in a kubeconfig's list; each holds its content under the entry's kind. */
function named(list: unknown, name: unknown, kind: string): PlainMap | undefined {
  const entry = Array.isArray(list) ? list.map(map).find((item) => item.name === name) : undefined;
  return entry === undefined ? undefined : map(entry[kind]);
}

function map(value: unknown): PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
