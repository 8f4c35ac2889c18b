/** The files by which a user's own etcd is asked: what would not do is told before any machine is. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { caCertificate } from '../../test/fake-machine/fake-cluster.ts';
import { readEtcdCertificates } from './etcd-certificates.ts';

let directory = '';
const at = (name: string) => join(directory, name);
const ask = (files: { readonly ca?: string; readonly cert?: string; readonly key?: string }, now = Date.parse('2027-01-01')) =>
  readEtcdCertificates(
    {
      kind: 'foreign',
      endpoints: ['https://192.0.2.31:2379'],
      caFile: at(files.ca ?? 'good.crt'),
      certFile: at(files.cert ?? 'good.crt'),
      keyFile: at(files.key ?? 'other.key'),
    },
    now,
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-etcd-files-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(at('good.crt'), caCertificate);
  await writeFile(at('other.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(at('empty.crt'), '\n');
  await writeFile(at('broken.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
});
afterAll(() => rm(directory, { recursive: true }));

test('readEtcdCertificates: nothing where the etcd is not the user’s own', async () => {
  expect(await readEtcdCertificates({ kind: 'hosted' })).toBeUndefined();
});

test.each([
  [{ ca: 'missing.crt' }, 'cannot be read', 'spec.etcd.caFile'],
  [{ cert: 'empty.crt' }, 'holds nothing in PEM', 'spec.etcd.certFile'],
  [{ ca: 'broken.crt' }, 'is no certificate', 'spec.etcd.caFile'],
  [{ key: 'good.crt' }, 'is no private key', 'spec.etcd.keyFile'],
  [{ key: 'other.key' }, 'is not the key of', 'spec.etcd.keyFile'],
])('readEtcdCertificates: %o is refused', async (files, message, key) => {
  await expect(ask(files)).rejects.toMatchObject({
    code: 'CLUSTER_FILE',
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(key),
  });
});
