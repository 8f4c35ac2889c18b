/** A throwaway CA and one certificate for all stand-ins of apiservers, by openssl. */

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../../src/lab/run-tool.ts';

export interface CareCertificates {
  readonly caFile: string;
  /** Of a CA that signed nothing. */
  readonly otherCaFile: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** Into the directory. */
export async function makeCertificates(directory: string, ips: readonly string[]): Promise<CareCertificates> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const at = (file: string) => join(directory, file);
  const authority = (name: string) =>
    runTool(['openssl', 'req', '-x509', ...newKey, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-subj', `/CN=${name}`]);
  await authority('ca');
  await authority('other-ca');
  const names = ips.map((ip) => `IP:${ip}`).join(',');
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-addext', `subjectAltName=${names}`];
  const files = ['-keyout', at('server.key'), '-out', at('server.pem')];
  await runTool(['openssl', 'req', '-x509', ...newKey, ...signed, ...files, '-subj', '/CN=apiserver']);
  return {
    caFile: at('ca.pem'),
    otherCaFile: at('other-ca.pem'),
    ca: await readFile(at('ca.pem'), 'utf8'),
    cert: await readFile(at('server.pem'), 'utf8'),
    key: await readFile(at('server.key'), 'utf8'),
  };
}
