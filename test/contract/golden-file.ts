/** Compares rendered text with a reviewed golden file; TRIVET_UPDATE_GOLDEN=1 writes it anew, for a person to review. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const directory = join(import.meta.dirname, '../golden');

/** path: relative to test/golden. */
export function expectGolden(path: string, text: string): void {
  const file = join(directory, path);
  if (process.env.TRIVET_UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text, `${path} differs: TRIVET_UPDATE_GOLDEN=1 writes it anew`).toBe(readFileSync(file, 'utf8'));
}
