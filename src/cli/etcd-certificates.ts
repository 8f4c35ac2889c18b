/** Reads the certificates of a user's own etcd from the operator's disk, and looks that they belong together. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { EtcdOptions, ForeignEtcd } from '../model/cluster.ts';
import type { EtcdCertificates } from '../model/etcd-topology.ts';
import { Failure } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';

/** undefined where trivet makes them itself. CLUSTER_FILE when a file cannot be read, or would not do. */
export async function readEtcdCertificates(options: EtcdOptions, now: number = Date.now()): Promise<EtcdCertificates | undefined> {
  if (options.kind !== 'foreign') return undefined;
  const [ca, certificate, key] = await Promise.all([
    readPem('caFile', options.caFile),
    readPem('certFile', options.certFile),
    readPem('keyFile', options.keyFile),
  ]);
  refuseUnfit(options, { ca, certificate, key }, now);
  return { ca, certificate, key: new Secret(key) };
}

type FileKey = Exclude<keyof ForeignEtcd, 'kind' | 'endpoints'>;

async function readPem(key: FileKey, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw wrong(key, `${path} cannot be read`, cause);
  });
  if (!/^-----BEGIN [A-Z ]+-----$/m.test(text)) throw wrong(key, `${path} holds nothing in PEM`);
  return text.endsWith('\n') ? text : `${text}\n`;
}

function refuseUnfit(
  { caFile, certFile, keyFile }: ForeignEtcd,
  texts: { readonly ca: string; readonly certificate: string; readonly key: string },
  now: number,
): void {
  const ca = parsed('caFile', `${caFile} is no certificate`, () => new X509Certificate(texts.ca));
  const certificate = parsed('certFile', `${certFile} is no certificate`, () => new X509Certificate(texts.certificate));
  const key = parsed('keyFile', `${keyFile} is no private key without a passphrase`, () => createPrivateKey(texts.key));
  if (!certificate.checkPrivateKey(key)) throw wrong('keyFile', `${keyFile} is not the key of ${certFile}`);
  for (const [name, path, each] of [
    ['caFile', caFile, ca],
    ['certFile', certFile, certificate],
  ] as const) {
    if (Date.parse(each.validTo) < now) throw wrong(name, `${path} expired on ${each.validTo}`);
  }
}

function parsed<T>(key: FileKey, message: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw wrong(key, message, cause);
  }
}

function wrong(key: FileKey, message: string, cause?: unknown): Failure {
  return new Failure('CLUSTER_FILE', `the etcd's certificates: ${message}`, {
    remedy: `correct spec.etcd.${key} in the cluster file: the CA of the etcd's servers, and a client certificate that it accepts, with its key`,
    ...(cause === undefined ? {} : { cause }),
  });
}
