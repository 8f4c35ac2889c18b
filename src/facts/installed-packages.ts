/** Debian packages that are installed, with their versions. */

import type { Fact } from '../model/fact.ts';

/** Names of packages that dpkg installed without waiting for the disk; the file goes after a sync. */
export const unsyncedPackages = '/var/lib/trivet/packages-unsynced';

export interface InstalledPackages {
  /** From /etc/os-release: trixie, bookworm; empty where it names none. */
  readonly release: string;
  /** Name → version, for packages that are completely installed and on disk. Empty where there is no dpkg. */
  readonly versions: ReadonlyMap<string, string>;
}

export const installedPackages: Fact<InstalledPackages> = {
  name: 'installed-packages',
  argv: [
    'sh',
    '-c',
    `. /etc/os-release; echo "release \${VERSION_CODENAME:-}"; command -v dpkg-query > /dev/null && dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n'; sed 's/^/unsynced /' ${unsyncedPackages} 2> /dev/null; true`,
  ],
  parse: ({ stdout }) => {
    const versions = new Map<string, string>();
    let release = '';
    for (const line of stdout.split('\n')) {
      const [name, version, status] = line.split(' ');
      if (name === 'release') release = version ?? '';
      else if (name === 'unsynced' && version) versions.delete(version);
      else if (name && version && status === 'installed') versions.set(name, version);
    }
    return { release, versions };
  },
};
