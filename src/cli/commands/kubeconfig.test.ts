/** The kubeconfig that an operator takes home. */

import { expect, test } from 'vitest';
import { pointAt } from './kubeconfig.ts';

const text = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: c2VydmVyOiBuYXk=
    server: https://apiserver.cluster.local:6443
  name: c
users:
- name: admin
  user: { client-key-data: x }
`;

test('pointAt: changes the server and nothing else', () => {
  const pointed = pointAt(text, 'https://192.0.2.100:6443');
  expect(pointed).toBe(text.replace('apiserver.cluster.local', '192.0.2.100'));
});
