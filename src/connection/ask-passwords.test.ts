import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host, PasswordSource } from '../model/host.ts';
import { Secret } from '../model/secret.ts';
import { askPasswords, type PasswordInput } from './ask-passwords.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function hostWith(password: PasswordSource | undefined): Host {
  const ssh = { user: 'root', port: 22, keyFile: undefined, password, knownHosts: undefined };
  return {
    name: 'm1',
    address: '192.0.2.11',
    internalAddress: '192.0.2.11',
    roles: ['master'],
    ssh,
    labels: {},
    taints: [],
    interface: undefined,
  };
}

const input: PasswordInput = { environment: {}, ask: undefined, warn: () => undefined };

test('askPasswords: a prompt is asked once for all hosts', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return new Secret('typed');
  };
  const passwords = askPasswords({ ...input, ask });
  const found = await Promise.all([passwords(hostWith({ kind: 'prompt' })), passwords(hostWith({ kind: 'prompt' }))]);
  expect(found.map((secret) => secret?.reveal())).toEqual(['typed', 'typed']);
  expect(asked).toBe(1);
});

test('askPasswords: a file gives its one line, with a warning when others can read it', async () => {
  const path = join(directory, 'password');
  writeFileSync(path, 'p w\n', { mode: 0o600 });
  const warnings: string[] = [];
  const read = async () =>
    (await askPasswords({ ...input, warn: (text) => warnings.push(text) })(hostWith({ kind: 'file', path })))?.reveal();
  expect(await read()).toBe('p w');
  expect(warnings).toEqual([]);
  chmodSync(path, 0o644);
  await read();
  expect(warnings).toEqual([`the password file ${path} can be read by other users: chmod 600 ${path}`]);
});

test.each([{ kind: 'environment', variable: 'NOT_SET' }, { kind: 'file', path: '/no/such/file' }, { kind: 'prompt' }] as const)(
  'askPasswords: PASSWORD_MISSING when $kind gives none',
  async (source) => {
    await expect(askPasswords(input)(hostWith(source))).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
  },
);

test('askPasswords: undefined for a host without a source', async () => {
  expect(await askPasswords(input)(hostWith(undefined))).toBeUndefined();
});
