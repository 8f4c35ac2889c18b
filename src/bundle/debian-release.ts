/** A private apt for one Debian release: its own directories, the operator's mirror and proxy, Debian's keyring. */

import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { Architecture } from './bundle-paths.ts';
import { type Maker, make } from './maker.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** debootstrap's own defaults, for an operator's machine that has no Debian mirror set. */
const defaultMirrors = { main: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };

export interface Apt {
  /** A program of apt's with its arguments; returns standard output. */
  readonly run: (argv: readonly string[], options?: { readonly status?: string; readonly cwd?: string }) => Promise<string>;
}

/** Makes it below the directory and fetches the release's lists. The machine's own apt is read, never changed. */
export async function debianRelease(maker: Maker, directory: string, release: string, architecture: Architecture): Promise<Apt> {
  await access(keyring).catch((cause: unknown) => {
    throw new Failure('TOOL_MISSING', `${keyring} is missing, and packages are checked against it`, {
      remedy: 'apt-get install debian-archive-keyring',
      cause,
    });
  });
  const remedy = 'see the log; check the network and the mirror in /etc/apt, then run the same command again';
  const own = join(directory, 'apt.conf');
  const settings = await make(maker, ['apt-config', 'dump', '--no-empty', '--format', '%F "%v";%n', 'Acquire'], { remedy });
  for (const folder of ['etc', 'state/lists/partial', 'cache/archives/partial', 'log']) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  await writeFile(join(directory, 'empty'), '');
  await writeFile(join(directory, 'etc', 'sources.list'), sources(release, await mirrors(maker, remedy)));
  await writeFile(own, configuration(directory, architecture, settings));
  const run: Apt['run'] = ([program = '', ...rest], { status = join(directory, 'empty'), cwd = directory } = {}) =>
    make(maker, [program, '-o', `Dir::State::status=${status}`, ...rest], {
      cwd,
      env: { APT_CONFIG: own, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      remedy,
    });
  await run(['apt-get', 'update', '--error-on=any']);
  return { run };
}

async function mirrors(maker: Maker, remedy: string): Promise<typeof defaultMirrors> {
  const lines = await make(maker, ['apt-get', 'indextargets', '--format', '$(LABEL) $(REPO_URI)', 'Created-By: Packages'], { remedy });
  const found = (label: string) => new RegExp(`^${label} (\\S+)$`, 'm').exec(lines)?.[1];
  return { main: found('Debian') ?? defaultMirrors.main, security: found('Debian-Security') ?? defaultMirrors.security };
}

function sources(release: string, { main, security }: typeof defaultMirrors): string {
  const line = (uri: string, suite: string) => `deb [signed-by=${keyring}] ${uri} ${suite} main\n`;
  return line(main, release) + line(main, `${release}-updates`) + line(security, `${release}-security`);
}

/** Hooks, pins and sources of the machine stay out; how it reaches a mirror (proxy, retries, a frozen mirror's dates) comes along. */
function configuration(directory: string, architecture: Architecture, settings: string): string {
  const reach = /^Acquire::(https?|ftp|Retries|ForceIPv[46]|Check-Valid-Until|Check-Date)\b/i;
  return [
    ...settings.split('\n').filter((line) => reach.test(line)),
    `Dir "${directory}/root";`,
    `Dir::Etc "${directory}/etc";`,
    `Dir::State "${directory}/state";`,
    `Dir::Cache "${directory}/cache";`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    `Dir::Log "${directory}/log";`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Install-Recommends "false";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    '',
  ].join('\n');
}
