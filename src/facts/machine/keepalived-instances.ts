/** The VRRP instances that a machine's keepalived is configured with. */

import type { Fact } from '../../model/fact.ts';

export interface KeepalivedInstance {
  readonly name: string;
  readonly virtualRouterId: number;
  /** Without prefix lengths. */
  readonly addresses: readonly string[];
}

export const keepalivedInstances: Fact<readonly KeepalivedInstance[]> = {
  name: 'keepalived-instances',
  argv: ['cat', '/etc/keepalived/keepalived.conf'],
  parse: ({ stdout }) => {
    const instances: KeepalivedInstance[] = [];
    for (const part of stdout
      .replace(/[#!].*/g, '')
      .split(/^\s*vrrp_instance\s+/m)
      .slice(1)) {
      const name = /^\S+/.exec(part)?.[0] ?? '';
      const id = Number(/\bvirtual_router_id\s+(\d+)/.exec(part)?.[1] ?? 0);
      const block = /\bvirtual_ipaddress\s*\{([^}]*)\}/.exec(part)?.[1] ?? '';
      const addresses = [...block.matchAll(/^\s*([\da-f.:]+)(?=[\s/]|$)/gim)].map((match) => match[1] ?? '');
      if (id > 0) instances.push({ name, virtualRouterId: id, addresses });
    }
    return instances;
  },
};
