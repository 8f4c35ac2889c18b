/** Takes out of a program's output what must not be shown: kubeadm prints tokens and keys on success and sometimes on failure. */

import { reveal, type Secret } from '../model/secret.ts';

/** Bootstrap tokens, certificate keys, and every line of the given secret. */
export function redact(text: string, secret?: string | Secret): string {
  let result = text
    .replaceAll(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '«secret»')
    .replaceAll(/(?<!sha256:|[0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g, '«secret»');
  if (secret === undefined || typeof secret === 'string') return result;
  for (const line of reveal(secret).split('\n')) {
    const word = line.trim();
    if (word.length >= 6) result = result.replaceAll(word, '«secret»');
  }
  return result;
}
