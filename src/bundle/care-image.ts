/** The OCI image of trivet care, for the static pod: the executable, and the programs by which it changes the kernel. */

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CareExecutable } from '../model/cluster.ts';
import { type Architecture, defaultRelease } from './bundle-paths.ts';
import { cachedPart, type Part } from './cached-part.ts';
import { download, installed } from './debian-packages.ts';
import { debianRelease } from './debian-release.ts';
import { writeImageArchive } from './image-archive.ts';
import type { Maker } from './maker.ts';
import { programRoot } from './program-root.ts';
import type { TarEntry } from './write-tar.ts';

export interface CareImageInput {
  readonly executable: CareExecutable;
  /** trivet.local/care:vVERSION */
  readonly reference: string;
  readonly architecture: Architecture;
  /** A tar that `ctr images import` and `docker load` take. */
  readonly output: string;
}

const packages = ['nftables', 'conntrack', 'iproute2', 'ipvsadm', 'util-linux', 'libstdc++6', 'libgcc-s1'];
const programs = ['usr/sbin/nft', 'usr/sbin/conntrack', 'usr/sbin/ipvsadm', 'usr/bin/ip', 'usr/bin/ss', 'usr/bin/nsenter'];

/** Without them nft writes 6 for tcp. */
const protocols = 'icmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\nsctp 132 SCTP\n';

/** Call it with the build lock held. */
export async function writeCareImage(maker: Maker, { executable, reference, architecture, output }: CareImageInput): Promise<void> {
  const root = await careRoot(maker, executable, architecture);
  const files = Object.keys(root.files).map((path): TarEntry => ({ kind: 'file', path, source: join(root.directory, path), mode: 0o755 }));
  const system = { name: 'system', entries: [{ kind: 'text', path: 'etc/protocols', text: protocols } as const, ...files] };
  const program = {
    name: 'trivet',
    entries: [{ kind: 'file', path: 'usr/local/bin/trivet', source: executable.path, mode: 0o755 } as const],
  };
  await writeImageArchive(
    output,
    architecture,
    [{ references: [reference], layers: [system, program], entrypoint: ['/usr/local/bin/trivet'] }],
    maker.signal,
  );
}

/** Everything but the executable; made once. */
function careRoot(maker: Maker, executable: CareExecutable, architecture: Architecture): Promise<Part> {
  const inputs = [defaultRelease, architecture, packages, programs, 'layout 1'];
  return cachedPart(maker.parts, 'care-root', inputs, async (directory) => {
    maker.emit({
      kind: 'progress',
      task: 'bundle',
      message: `fetching what care's image needs of Debian ${defaultRelease}`,
      usualSeconds: 20,
    });
    const scratch = await mkdtemp(join(maker.parts, '.care-root-apt-'));
    try {
      const apt = await debianRelease(maker, scratch, defaultRelease, architecture);
      const debs = join(scratch, 'debs');
      await download(apt, installed(await apt.run(['apt-get', 'install', '--simulate', ...packages])), debs);
      await programRoot(maker, { debs, programs, others: [executable.path], directory, architecture });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}
