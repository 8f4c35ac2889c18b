/** The packages of a bundle with their dependencies, as apt resolves them on top of a minimal Debian; and nft for kube-proxy's image. */

import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Architecture } from './bundle-paths.ts';
import { cachedPart, type Part } from './cached-part.ts';
import { type Apt, debianRelease } from './debian-release.ts';
import { type Maker, make } from './maker.ts';
import { programRoot } from './program-root.ts';

/** What a machine needs beyond a minimal Debian with systemd and sshd. */
const wanted = [
  // containers: runtime, CNI plugins (bridge, host-local, portmap)
  ...['containerd', 'runc', 'containernetworking-plugins'],
  // what kubeadm and kubelet look for. Not e2fsprogs, which only block volumes need: it is usually there, and where it
  // is not, its pre-dependencies would keep dpkg from unpacking everything at once
  ...['conntrack', 'socat', 'ethtool', 'iptables', 'nftables', 'ipset', 'kmod', 'iproute2', 'mount', 'util-linux', 'procps'],
  // balancers and VIPs; nginx without the modules of nginx-light
  ...['keepalived', 'haproxy', 'nginx', 'libnginx-mod-stream', 'ipvsadm'],
  // health checks, certificates, looking around; dbus: systemd's cgroups for runc
  ...['curl', 'ca-certificates', 'openssl', 'iputils-ping', 'psmisc', 'dbus'],
];

/**
 * With Debian's essential packages, what every machine is taken to have. usr-is-merged: without it apt would resolve
 * bookworm's `usr-is-merged | usrmerge` to the one that brings perl, which a machine need not have.
 */
const minimal = ['apt', 'systemd', 'systemd-sysv', 'openssh-server', 'usr-is-merged'];

export interface Package {
  readonly name: string;
  readonly version: string;
}

/**
 * `debs/` holds the packages, `proxy/` the files of kube-proxy's second layer. Made once for a release: `refresh`
 * (any text) makes it anew, with the security updates of the day.
 */
export function debianPackages(maker: Maker, release: string, architecture: Architecture, refresh: string): Promise<Part> {
  const inputs = [release, architecture, wanted, minimal, refresh, 'layout 2'];
  return cachedPart(maker.parts, `packages-${release}`, inputs, async (directory) => {
    maker.emit({ kind: 'progress', task: 'bundle', message: `fetching packages of Debian ${release}`, usualSeconds: 30 });
    const scratch = await mkdtemp(join(maker.parts, `.packages-${release}-apt-`));
    try {
      const apt = await debianRelease(maker, scratch, release, architecture);
      await download(apt, await needed(apt, scratch), join(directory, 'debs'));
      const debs = join(scratch, 'nft');
      await download(apt, installed(await apt.run(['apt-get', 'install', '--simulate', 'nftables'])), debs);
      await programRoot(maker, { debs, directory: join(directory, 'proxy'), architecture });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** `Inst runc (1.1.15+ds1-2+b4 Debian:13.2/stable [amd64])`; an upgrade names the old version in brackets before. */
export function installed(simulation: string): readonly Package[] {
  const lines = simulation.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) /gm);
  return [...lines].map(([, name = '', version = '']) => ({ name, version }));
}

/**
 * What apt would install or upgrade on a minimal machine that has no updates yet. That machine is a dpkg status file
 * made of the archive's own entries.
 */
async function needed(apt: Apt, scratch: string): Promise<readonly Package[]> {
  const all = await apt.run(['apt-cache', 'dumpavail']);
  const essential = [...all.matchAll(/^Package: (\S+)$(?:\n.+)*?\nEssential: yes$/gm)].map(([, name = '']) => name);
  const base = installed(await apt.run(['apt-get', 'install', '--simulate', ...new Set(essential), ...minimal]));
  const entries = await apt.run(['apt-cache', 'show', ...base.map(({ name, version }) => `${name}=${version}`)]);
  const status = join(scratch, 'minimal');
  await writeFile(status, entries.replaceAll(/^Package: .*$/gm, '$&\nStatus: install ok installed'));
  return installed(await apt.run(['apt-get', 'install', '--simulate', ...wanted], { status }));
}

/** apt checks each against the signed lists. The epoch (`1%3a`) is dropped from the names, as in Debian's archive. */
export async function download(apt: Apt, packages: readonly Package[], directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const names = packages.map(({ name, version }) => `${name}=${version}`);
  await apt.run(['apt-get', 'download', ...names], { cwd: directory });
  for (const file of await readdir(directory)) {
    if (file.includes('%3a')) await rename(join(directory, file), join(directory, file.replace(/_\d+%3a/, '_')));
  }
}

/** What a .deb file says of itself. */
export interface DebFile extends Package {
  /** Every name in its Depends and Pre-Depends, alternatives too. */
  readonly depends: readonly string[];
  readonly provides: readonly string[];
}

export async function debFile(maker: Maker, file: string): Promise<DebFile> {
  const fields = await make(maker, ['dpkg-deb', '--field', file, 'Package', 'Version', 'Depends', 'Pre-Depends', 'Provides'], {
    remedy: 'remove the cache directory and run the same command again',
  });
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(fields)?.[1] ?? '';
  return {
    name: field('Package'),
    version: field('Version'),
    depends: packageNames(`${field('Depends')},${field('Pre-Depends')}`),
    provides: packageNames(field('Provides')),
  };
}

/** `libc6 (>= 2.38), debconf (>= 0.5) | debconf-2.0` → libc6, debconf, debconf-2.0. */
export function packageNames(relation: string): readonly string[] {
  return relation.split(/[,|]/).flatMap((part) => /^\s*([a-z0-9][a-z0-9.+-]*)/.exec(part)?.[1] ?? []);
}

/** For each package the names of those others that it depends on. */
export function neededAmong(debs: readonly DebFile[]): ReadonlyMap<string, readonly string[]> {
  const providers = new Map(debs.flatMap((deb) => [...deb.provides, deb.name].map((name) => [name, deb.name] as const)));
  return new Map(
    debs.map((deb) => {
      const needs = deb.depends.flatMap((name) => providers.get(name) ?? []);
      return [deb.name, [...new Set(needs)].filter((name) => name !== deb.name).sort()] as const;
    }),
  );
}
