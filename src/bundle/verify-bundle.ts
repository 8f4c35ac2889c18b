/** Reads all of a bundle, whatever was verified before: `trivet bundle verify`. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BundleManifest } from '../model/bundle.ts';
import { verifyTar } from './bundle-tar.ts';
import { openBundle } from './open-bundle.ts';

/** The manifest of a whole bundle; BUNDLE, naming every bad file, otherwise. Nothing is written or unpacked. */
export async function verifyBundle(path: string, signal?: AbortSignal): Promise<BundleManifest> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => undefined);
  if (found?.isFile()) return verifyTar(absolute, signal);
  return (await openBundle(absolute, { hash: 'always', ...(signal && { signal }) })).manifest;
}
