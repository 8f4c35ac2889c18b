/** The kubeconfig with a context for each master. */

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readKubeconfig } from '../kubernetes/kubeconfig.ts';
import { Failure } from '../model/failure.ts';
import { masterContexts } from './master-contexts.ts';

const text = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Y2E=
    server: https://apiserver.cluster.local:6443
  name: c
contexts:
- context: { cluster: c, user: kubernetes-admin }
  name: kubernetes-admin@c
current-context: kubernetes-admin@c
kind: Config
users:
- name: kubernetes-admin
  user: { client-certificate-data: Y2VydA==, client-key-data: a2V5 }
`;
const masters = ['m1', 'm2', 'm3'].map((master, index) => ({ master, server: `https://192.0.2.1${index + 1}:6443` }));
const input = { text, cluster: 'c', serverName: 'apiserver.cluster.local', masters, current: 'm2' };

test('masterContexts: one for each master, the current one as asked, all with the admin’s key', () => {
  const config = parse(masterContexts(input));
  expect(config.contexts.map(({ name }: { name: string }) => name)).toEqual(['c@m1', 'c@m2', 'c@m3']);
  expect(config.users).toHaveLength(1);
  expect(readKubeconfig(masterContexts(input))).toMatchObject({
    servers: ['https://192.0.2.12:6443'],
    ca: 'ca',
    cert: 'cert',
    serverName: 'apiserver.cluster.local',
  });
});

test('masterContexts: what is no kubeconfig is refused without a word of it', () => {
  const refused = () => masterContexts({ ...input, text: 'key: secret-content' });
  expect(refused).toThrow(Failure);
  expect(refused).not.toThrow(/secret-content/);
});
