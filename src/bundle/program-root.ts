/** Programs with the libraries they need, out of Debian's packages: nft for kube-proxy's image, and what care runs for its own. */

import { copyFile, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { Architecture } from './bundle-paths.ts';
import { type Maker, make } from './maker.ts';

export interface ProgramRoot {
  /** With their .deb files; what is extracted there is removed again. */
  readonly debs: string;
  /** Paths as they are to be in the image; Debian's may lie in /sbin or /bin. Default: nft. */
  readonly programs?: readonly string[];
  /** Programs of other origin, absolute, whose libraries are to come along. */
  readonly others?: readonly string[];
  readonly directory: string;
  readonly architecture: Architecture;
}

const abi = {
  amd64: { loader: 'lib64/ld-linux-x86-64.so.2', libraries: 'usr/lib/x86_64-linux-gnu' },
  arm64: { loader: 'lib/ld-linux-aarch64.so.1', libraries: 'usr/lib/aarch64-linux-gnu' },
} as const;

/**
 * Which libraries: what the packages' own dynamic loader finds among the packages' own files. Older releases keep
 * libraries in /lib, newer ones in /usr/lib; in the image all are in /usr/lib, where the loader looks too.
 */
export async function programRoot(maker: Maker, { debs, programs = ['usr/sbin/nft'], others = [], ...rest }: ProgramRoot): Promise<void> {
  const { directory, architecture } = rest;
  const { loader, libraries } = abi[architecture];
  const root = join(debs, 'root');
  for (const deb of (await readdir(debs)).filter((file) => file.endsWith('.deb'))) {
    await make(maker, ['dpkg-deb', '--extract', join(debs, deb), root], { remedy });
  }
  const ownLoader = await firstOf([join(root, loader), join(root, 'usr', loader)]);
  const sources = await Promise.all(programs.map(async (to) => ({ to, from: await firstOf(placesOf(root, to)) })));
  const search = [join(root, libraries), join(root, libraries.replace(/^usr\//, ''))];
  for (const program of [...sources.map(({ from }) => from), ...others]) {
    for (const { name, path } of await librariesOf(maker, program, { ownLoader, search, root })) {
      await place(path, join(directory, libraries, name));
    }
  }
  await place(ownLoader, join(directory, loader));
  for (const { from, to } of sources) await place(from, join(directory, to));
  await rm(root, { recursive: true });
}

const remedy = 'see the log';

interface Library {
  readonly name: string;
  readonly path: string;
}

interface LoaderOf {
  readonly ownLoader: string;
  readonly search: readonly string[];
  readonly root: string;
}

async function librariesOf(maker: Maker, program: string, { ownLoader, search, root }: LoaderOf): Promise<readonly Library[]> {
  const listed = await make(maker, [ownLoader, '--library-path', search.join(':'), '--list', program], { remedy });
  const found = [...listed.matchAll(/^\s*([^\s/]+) => (\/\S+) \(0x/gm)].map(([, name = '', path = '']) => ({ name, path }));
  const foreign = found.filter(({ path }) => relative(root, path).startsWith('..'));
  if (found.length === 0 || foreign.length > 0 || listed.includes('not found')) {
    throw new Failure('BUNDLE_BUILD', `the libraries of ${program} are not all among its packages`, {
      findings: listed.trim().split('\n'),
    });
  }
  return found;
}

/** usr/sbin/nft, and where older or other packages have it: sbin/nft, usr/bin/nft, bin/nft. */
function placesOf(root: string, path: string): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return [path, ...['usr/sbin', 'sbin', 'usr/bin', 'bin'].map((folder) => `${folder}/${name}`)].map((one) => join(root, one));
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(await realpath(from), to);
}

async function firstOf(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined);
    if (real !== undefined) return real;
  }
  throw new Failure('BUNDLE_BUILD', `none of these is in the packages: ${paths.join(', ')}`);
}
