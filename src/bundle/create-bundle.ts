/** Makes an offline bundle from Go modules and Debian's packages. */

import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Bundle, BundleFile, BundleManifest } from '../model/bundle.ts';
import type { Emit } from '../model/event.ts';
import { withBuildLock } from './build-lock.ts';
import { bundleImages, pauseImage } from './bundle-images.ts';
import {
  buildLogPath,
  defaultBundlePath,
  defaultRelease,
  defaultVersion,
  hostArchitecture,
  partsDirectory,
  unpackedDirectory,
} from './bundle-paths.ts';
import { packTar } from './bundle-tar.ts';
import { cachedPart, type Part } from './cached-part.ts';
import { type DebFile, debFile, debianPackages, neededAmong } from './debian-packages.ts';
import { goPrograms, goVersion } from './go-programs.ts';
import { sha256 } from './hash-file.ts';
import { writeImageArchive } from './image-archive.ts';
import type { Maker } from './maker.ts';
import { openBundle } from './open-bundle.ts';
import { manifestName } from './parse-manifest.ts';
import { versionsOf } from './versions.ts';
import { writeDirectory } from './write-directory.ts';

export interface CreateOptions {
  /** With its v; default v1.34.4. */
  readonly version?: string;
  /** Debian's code names; the first one's nft goes into kube-proxy's image. Default: trixie. */
  readonly releases?: readonly string[];
  /** A directory, or a file that ends in .tar. Default: defaultBundlePath(). */
  readonly output?: string;
  /** Any text: packages fetched under another one are fetched anew. */
  readonly refresh?: string;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
}

/** A file of the bundle and where its content lies now. */
export interface Sourced {
  readonly file: BundleFile;
  readonly source: string;
}

/**
 * Makes only what is not there from an earlier run, and leaves an output alone that is already right. Throws
 * BUNDLE_BUILD, TOOL_MISSING or USAGE; what was finished until then is kept.
 */
export async function createBundle(options: CreateOptions): Promise<Bundle> {
  const { emit, signal, version = defaultVersion, releases = [defaultRelease], refresh = '' } = options;
  const output = resolve(options.output ?? defaultBundlePath(version, releases));
  const versions = versionsOf(version);
  const architecture = hostArchitecture();
  const maker: Maker = { parts: partsDirectory(), log: buildLogPath(), emit, signal };
  await mkdir(dirname(maker.log), { recursive: true });
  return withBuildLock(maker.parts, { emit, signal }, async () => {
    const compiler = await goVersion(maker);
    const packages = new Map<string, Part>();
    for (const release of releases) packages.set(release, await debianPackages(maker, release, architecture, refresh));
    const programs = await goPrograms(maker, compiler, versions);
    const [first] = packages.values();
    const images = first === undefined ? [] : await imageFiles(maker, architecture, bundleImages(programs, first, versions));
    const binary = { part: 'binary' as const, path: 'binaries/kube', names: ['kubeadm', 'kubectl', 'kubelet', 'etcdctl', 'etcdutl'] };
    const sourced = [sourcedFile(programs.kubernetes, 'kube', binary), ...images];
    for (const [release, part] of packages) sourced.push(...(await packageFiles(maker, release, part)));
    const manifest: BundleManifest = {
      formatVersion: 1,
      kubernetesVersion: versions.kubernetes,
      architecture,
      etcdVersion: versions.etcd,
      pauseImage,
      files: sourced.map(({ file }) => file),
    };
    return write(maker, output, manifest, sourced);
  });
}

async function write(maker: Maker, output: string, manifest: BundleManifest, sourced: readonly Sourced[]): Promise<Bundle> {
  const asTar = output.endsWith('.tar');
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  // A tar is packed from the directory that it would be unpacked to.
  const directory = asTar ? join(unpackedDirectory(), sha256(text)) : output;
  const bundle = (await current(maker, directory, text)) ?? (await writeDirectory(maker, directory, text, sourced));
  if (!asTar || (await current(maker, output, text)) !== undefined) return bundle;
  maker.emit({ kind: 'progress', task: 'bundle', message: `writing ${output}`, usualSeconds: 3 });
  await mkdir(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}.part`;
  try {
    await packTar(bundle, temporary, maker.signal);
    await rename(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
  return openBundle(output, { emit: maker.emit, ...(maker.signal && { signal: maker.signal }) });
}

/** The bundle that is already there, if it is the very same and undamaged. */
async function current({ emit, signal }: Maker, path: string, manifest: string): Promise<Bundle | undefined> {
  const bundle = await openBundle(path, { emit, hash: 'always', ...(signal && { signal }) }).catch(() => undefined);
  if (bundle === undefined) return undefined;
  return (await readFile(join(bundle.directory, manifestName), 'utf8')) === manifest ? bundle : undefined;
}

async function imageFiles(maker: Maker, architecture: string, archives: ReturnType<typeof bundleImages>): Promise<readonly Sourced[]> {
  const files: Sourced[] = [];
  for (const [name, images] of Object.entries(archives)) {
    // Parts lie under the digest of what made them, so their paths stand for their content.
    const part = await cachedPart(maker.parts, `images-${name}`, JSON.stringify(['layout 1', images]), async (directory) => {
      maker.emit({ kind: 'progress', task: 'bundle', message: `writing images/${name}.tar`, usualSeconds: 3 });
      await writeImageArchive(join(directory, `${name}.tar`), architecture, images, maker.signal);
    });
    const references = images.flatMap((image) => image.references);
    files.push(sourcedFile(part, `${name}.tar`, { part: 'image', path: `images/${name}.tar`, images: references }));
  }
  return files;
}

async function packageFiles(maker: Maker, release: string, part: Part): Promise<readonly Sourced[]> {
  const paths = Object.keys(part.files).filter((path) => path.startsWith('debs/'));
  const debs: { readonly path: string; readonly deb: DebFile }[] = [];
  for (const path of paths) debs.push({ path, deb: await debFile(maker, join(part.directory, path)) });
  const needs = neededAmong(debs.map(({ deb }) => deb));
  return debs.map(({ path, deb: { name, version } }) => {
    const described = { name, version, release, needs: needs.get(name) ?? [] };
    const file = { part: 'package' as const, path: `packages/${release}/${path.slice('debs/'.length)}`, package: described };
    return sourcedFile(part, path, file);
  });
}

function sourcedFile(part: Part, path: string, file: Omit<BundleFile, 'sha256' | 'bytes'>): Sourced {
  const digest = part.files[path] ?? { sha256: '', bytes: 0 };
  return { file: { ...file, ...digest }, source: join(part.directory, path) };
}
