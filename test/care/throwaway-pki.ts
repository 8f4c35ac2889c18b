/** A certificate authority for one test file, made with openssl and removed with its directory. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

export interface ThrowawayPki {
  readonly directory: string;
  readonly ca: string;
  readonly caFile: string;
  /** names as openssl writes them: IP:127.0.0.1, DNS:api.test. */
  readonly server: (names: readonly string[]) => Pem;
  readonly client: (commonName: string) => Pem;
  readonly remove: () => void;
}

export function throwawayPki(): ThrowawayPki {
  const directory = mkdtempSync(join(tmpdir(), 'trivet-pki-'));
  const file = (name: string) => join(directory, name);
  const openssl = (line: string) => execFileSync('openssl', line.split(' '), { cwd: directory, stdio: 'ignore' });
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  openssl(`req -x509 ${key} -keyout ca.key -out ca.crt -days 1 -subj /CN=throwaway-ca`);
  let made = 0;
  const issue = (subject: string, extensions: string): Pem => {
    made += 1;
    const name = `leaf${made}`;
    writeFileSync(file(`${name}.ext`), extensions);
    openssl(`req ${key} -keyout ${name}.key -out ${name}.csr -subj ${subject}`);
    openssl(`x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -extfile ${name}.ext -out ${name}.crt`);
    return { cert: readFileSync(file(`${name}.crt`), 'utf8'), key: readFileSync(file(`${name}.key`), 'utf8') };
  };
  return {
    directory,
    ca: readFileSync(file('ca.crt'), 'utf8'),
    caFile: file('ca.crt'),
    server: (names) => issue('/CN=kube-apiserver', `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth\n`),
    client: (commonName) => issue(`/O=system:nodes/CN=${commonName}`, 'extendedKeyUsage=clientAuth\n'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
