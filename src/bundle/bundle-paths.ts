/** Where bundles, the parts they are made of and unpacked archives lie on the operator's machine. */

import { arch } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, stateDirectory } from '../local/directories.ts';
import type { BundleManifest } from '../model/bundle.ts';
import { Failure } from '../model/failure.ts';

export type Architecture = BundleManifest['architecture'];

/** What `bundle create` makes when it is told nothing else. */
export const defaultVersion = 'v1.34.4';
export const defaultRelease = 'trixie';

/** Where `bundle create`, the demo and the tests keep a bundle: …/trivet/bundles/v1.34.4-trixie-amd64. */
export function defaultBundlePath(version: string = defaultVersion, releases: readonly string[] = [defaultRelease]): string {
  return join(cacheDirectory(), 'bundles', [version, ...releases, hostArchitecture()].join('-'));
}

/** Finished parts, each in a directory named for its inputs; can be deleted at any time. */
export function partsDirectory(): string {
  return join(cacheDirectory(), 'build');
}

/** Bundles that came as one tar, each under its manifest's SHA-256. */
export function unpackedDirectory(): string {
  return join(cacheDirectory(), 'unpacked');
}

/** One tar for the packages of a release, named for them. */
export function packageArchivesDirectory(): string {
  return join(cacheDirectory(), 'package-archives');
}

/** What the compiler and apt printed; appended to. */
export function buildLogPath(): string {
  return join(stateDirectory(), 'logs', 'bundle-create.log');
}

/** Debian's and Go's name of this machine's processor; bundles are made for it. */
export function hostArchitecture(): Architecture {
  const name = arch();
  if (name === 'x64') return 'amd64';
  if (name === 'arm64') return 'arm64';
  throw new Failure('BUNDLE_BUILD', `bundles are made for amd64 and arm64 machines, and this one is ${name}`, {
    remedy: 'make the bundle on an amd64 or arm64 machine',
  });
}
