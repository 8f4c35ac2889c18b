/** Which of some TCP ports are taken on a machine, and by whom. */

import type { Fact } from '../../model/fact.ts';
import { lines, readSections, sections } from './sections.ts';

export interface Listener {
  readonly port: number;
  /** '*' for all addresses, an IPv4 address, or 'IPv6' for one such address. */
  readonly address: string;
  /** Name of the process, where the machine tells. */
  readonly process: string | undefined;
}

export function machineListeners(ports: readonly number[]): Fact<readonly Listener[]> {
  const wanted = ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
  return {
    name: `machine-listeners ${ports.join(' ')}`,
    argv: sections(
      {
        // State 0A is LISTEN; /proc/net/tcp is the same on every Linux, ss and lsof are not everywhere.
        sockets: 'grep -hE "^ *[0-9]+: [0-9A-F]+:($1) [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6',
        owners: `inodes=$(grep -hE "^ *[0-9]+: [0-9A-F]+:($1) [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 | tr -s ' ' | sed 's/^ //' | cut -d' ' -f10)
[ -n "$inodes" ] && pattern=$(echo $inodes | tr ' ' '|') && find /proc/[0-9]*/fd -lname 'socket:*' -printf '%p %l\\n' | grep -E "\\[($pattern)\\]" | while read -r path link; do
pid=\${path#/proc/}; pid=\${pid%%/*}; echo "$link $(cat /proc/$pid/comm)"; done`,
      },
      [wanted],
    ),
    parse: ({ stdout }) => {
      const section = readSections(stdout);
      const owners = new Map<string, string>();
      for (const line of lines(section('owners'))) {
        const [, inode, name] = /^socket:\[(\d+)\] (.*)$/.exec(line) ?? [];
        if (inode !== undefined && name !== undefined && !owners.has(inode)) owners.set(inode, name);
      }
      return lines(section('sockets')).flatMap((line) => {
        const fields = line.split(/\s+/);
        const [address = '', port = ''] = (fields[1] ?? '').split(':');
        return port === ''
          ? []
          : [{ port: Number.parseInt(port, 16), address: readAddress(address), process: owners.get(fields[9] ?? '') }];
      });
    },
  };
}

/** Four bytes in the order of the machine: both of Kubernetes' architectures are little-endian. */
function readAddress(hex: string): string {
  if (/^0+$/.test(hex)) return '*';
  if (hex.length !== 8) return 'IPv6';
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}
