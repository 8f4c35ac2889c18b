/** What may be shown of a program's output. */

import { expect, test } from 'vitest';
import { Secret } from '../model/secret.ts';
import { redact } from './redact.ts';

test('redact takes out tokens, certificate keys and the given secret, and leaves digests', () => {
  const key = '0123456789abcdef'.repeat(4);
  expect(redact(`kubeadm join --token abcdef.0123456789abcdef --certificate-key ${key}`)).toBe(
    'kubeadm join --token «secret» --certificate-key «secret»',
  );
  expect(redact(`--discovery-token-ca-cert-hash sha256:${key}`)).toContain(key);
  expect(redact('password: hush-hush!', new Secret('hush-hush!\n'))).toBe('password: «secret»');
});
