/** `node build/executable.mjs DIRECTORY`: DIRECTORY/trivet, one executable with everything, from this checkout. */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { assemble } from './assemble.mjs';
import { executableParts } from './executable-parts.mjs';

const directory = resolve(process.argv[2] ?? 'dist');
await mkdir(directory, { recursive: true });
const parts = join(directory, `.parts-${process.pid}`);
try {
  await executableParts(parts);
  await assemble(parts, join(directory, 'trivet'));
} finally {
  await rm(parts, { recursive: true, force: true });
}
