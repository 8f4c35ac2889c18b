import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCredentials } from './credentials.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-credentials-'));
afterAll(() => rmSync(directory, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** As kubeadm 1.34 writes it. */
const kubelet = (user: string) => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64('CA')}
    server: https://10.0.0.1:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: system:node:vm
  name: system:node:vm@kubernetes
current-context: system:node:vm@kubernetes
kind: Config
users:
- name: system:node:vm
  user:
${user}`;

let made = 0;
function kubeconfig(text: string): string {
  made += 1;
  const file = join(directory, `${made}.conf`);
  writeFileSync(file, text);
  return file;
}

const inline = `    client-certificate-data: ${base64('CERT')}\n    client-key-data: ${base64('KEY')}\n`;
const files = '    client-certificate: current.pem\n    client-key: current.pem\n';

describe('readCredentials', () => {
  it("reads kubeadm's inline data and shows no key", async () => {
    const credentials = await readCredentials(kubeconfig(kubelet(inline)));
    expect(credentials).toMatchObject({ ca: 'CA', client: { cert: 'CERT' }, token: undefined });
    expect(credentials?.client?.key.reveal()).toBe('KEY');
    expect(JSON.stringify(credentials)).not.toContain('KEY');
  });

  it("reads kubelet's files beside the kubeconfig anew each time, and waits while they are not there", async () => {
    const file = kubeconfig(kubelet(files));
    expect(await readCredentials(file)).toBeUndefined();
    for (const content of ['first', 'renewed']) {
      writeFileSync(join(directory, 'current.pem'), content);
      expect((await readCredentials(file))?.client).toMatchObject({ cert: content });
    }
  });

  it('reads tokens, inline and from a file, and waits for the file', async () => {
    expect((await readCredentials(kubeconfig(kubelet('    token: abc.def\n'))))?.token?.reveal()).toBe('abc.def');
    const file = kubeconfig(kubelet('    tokenFile: token\n'));
    expect(await readCredentials(file)).toBeUndefined();
    writeFileSync(join(directory, 'token'), 'from-file\n');
    expect((await readCredentials(file))?.token?.reveal()).toBe('from-file');
  });

  it('is undefined while there is no kubeconfig', async () => {
    expect(await readCredentials(join(directory, 'none.conf'))).toBeUndefined();
  });

  it.each([
    ['an exec plugin', kubelet('    exec:\n      command: aws\n'), 'has neither a client certificate with its key nor a token'],
    [
      'a context that is not there',
      kubelet(inline).replace(/current-context: .*/, 'current-context: other'),
      'has no user for its current context',
    ],
    ['a directory', undefined, 'cannot be read'],
    ['HTML', '<html>\n<body>', 'line 1 of the kubeconfig is not understood'],
    ['a list', '- a\n', 'has no user for its current context'],
  ])('refuses %s with a Failure', async (_name, text, why) => {
    const file = text === undefined ? directory : kubeconfig(text);
    await expect(readCredentials(file)).rejects.toMatchObject({
      code: 'KUBERNETES',
      message: expect.stringContaining(why),
      remedy: expect.any(String),
    });
  });
});
