/** The names that a machine's /etc/hosts gives to addresses. */

import type { Fact } from '../../model/fact.ts';

export interface HostsEntry {
  readonly address: string;
  readonly names: readonly string[];
  /** True inside a block that trivet wrote. */
  readonly ours: boolean;
}

export const hostsFile: Fact<readonly HostsEntry[]> = {
  name: 'hosts-file',
  argv: ['cat', '/etc/hosts'],
  parse: ({ stdout }) => {
    const entries: HostsEntry[] = [];
    let ours = false;
    for (const line of stdout.split('\n')) {
      if (line.startsWith('# BEGIN trivet ')) ours = true;
      if (line.startsWith('# END trivet ')) ours = false;
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (address !== '' && names.length > 0) entries.push({ address, names, ours });
    }
    return entries;
  },
};
