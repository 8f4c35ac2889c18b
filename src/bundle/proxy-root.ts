/** nft with the libraries it needs, out of Debian's packages: the second layer of kube-proxy's image. */

import { copyFile, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { Architecture } from './bundle-paths.ts';
import { type Maker, make } from './maker.ts';

const program = 'usr/sbin/nft';

const abi = {
  amd64: { loader: 'lib64/ld-linux-x86-64.so.2', libraries: 'usr/lib/x86_64-linux-gnu' },
  arm64: { loader: 'lib/ld-linux-aarch64.so.1', libraries: 'usr/lib/aarch64-linux-gnu' },
} as const;

/**
 * Which libraries: what the packages' own dynamic loader finds among the packages' own files. Older releases keep
 * libraries in /lib, newer ones in /usr/lib; in the image all are in /usr/lib, where the loader looks too.
 */
export async function proxyRoot(maker: Maker, debs: string, directory: string, architecture: Architecture): Promise<void> {
  const { loader, libraries } = abi[architecture];
  const root = join(debs, 'root');
  const remedy = 'see the log';
  for (const deb of (await readdir(debs)).filter((file) => file.endsWith('.deb'))) {
    await make(maker, ['dpkg-deb', '--extract', join(debs, deb), root], { remedy });
  }
  const ownLoader = await firstOf([join(root, loader), join(root, 'usr', loader)]);
  const search = [join(root, libraries), join(root, libraries.replace(/^usr\//, ''))].join(':');
  const listed = await make(maker, [ownLoader, '--library-path', search, '--list', join(root, program)], { remedy });
  const found = [...listed.matchAll(/^\s*([^\s/]+) => (\/\S+) \(0x/gm)].map(([, name = '', path = '']) => ({ name, path }));
  const foreign = found.filter(({ path }) => relative(root, path).startsWith('..'));
  if (found.length === 0 || foreign.length > 0 || listed.includes('not found')) {
    throw new Failure('BUNDLE_BUILD', 'the libraries of nft are not all among its packages', { findings: listed.trim().split('\n') });
  }
  await place(ownLoader, join(directory, loader));
  await place(join(root, program), join(directory, program));
  for (const { name, path } of found) await place(path, join(directory, libraries, name));
  await rm(root, { recursive: true });
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
  throw new Failure('BUNDLE_BUILD', `none of these is in the packages of nft: ${paths.join(', ')}`);
}
