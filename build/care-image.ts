/** `node build/care-image.ts EXECUTABLE OUTPUT`: the OCI image of trivet care as a tar. */

import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { withBuildLock } from '../src/bundle/build-lock.ts';
import { buildLogPath, hostArchitecture, partsDirectory } from '../src/bundle/bundle-paths.ts';
import { writeCareImage } from '../src/bundle/care-image.ts';
import { hashFile } from '../src/bundle/hash-file.ts';
import { version } from '../src/cli/version.ts';
import type { EventBody } from '../src/model/event.ts';

const [executable = 'dist/trivet', output = 'dist/care-image.tar'] = process.argv.slice(2);
const maker = { parts: partsDirectory(), log: buildLogPath(), emit, signal: undefined };
await mkdir(dirname(maker.log), { recursive: true });
const path = resolve(executable);
const reference = `trivet.local/care:v${version}`;
const digest = await hashFile(path);
await withBuildLock(maker.parts, maker, () =>
  writeCareImage(maker, { executable: { path, ...digest }, reference, architecture: hostArchitecture(), output: resolve(output) }),
);
const { bytes } = await hashFile(output);
console.log(`${output}: ${reference}, ${Math.round(bytes / 1e6)} MB`);

function emit(event: EventBody): void {
  if (event.kind === 'progress') console.error(event.message);
}
