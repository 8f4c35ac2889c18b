/** Whether a machine has a keepalived already that somebody else configured. */

import type { Fact } from '../../model/fact.ts';
import { readSections, sections } from './sections.ts';

export interface KeepalivedFound {
  /** keepalived.conf is trivet's own. */
  readonly ours: boolean;
  /** keepalived.conf says something beyond comments. */
  readonly configured: boolean;
  /** Names of its VRRP instances and virtual servers. */
  readonly instances: readonly string[];
  /** keepalived runs. */
  readonly active: boolean;
}

export const keepalivedFound: Fact<KeepalivedFound> = {
  name: 'keepalived-found',
  argv: sections({ config: 'cat /etc/keepalived/keepalived.conf', active: 'systemctl is-active keepalived.service' }),
  parse: ({ stdout }) => {
    const section = readSections(stdout);
    const text = section('config');
    const said = text.replace(/[#!].*/g, '');
    return {
      ours: text.startsWith('# Written by trivet'),
      configured: said.trim() !== '',
      instances: [...said.matchAll(/^\s*(?:vrrp_instance|virtual_server)\s+([^{\n]+)/gm)].map((match) => (match[1] ?? '').trim()),
      active: section('active') === 'active',
    };
  },
};
