/** Where on this machine the clients are whose connections must end: pods have network namespaces of their own. */

import { readdir, readFile, readlink } from 'node:fs/promises';

export interface NetworkNamespace {
  /** For nsenter. */
  readonly path: string;
  /** Those of the wanted addresses that are its own. */
  readonly ips: readonly string[];
}

/**
 * The network namespaces, other than this process's own, that have one of these addresses. Needs SYS_PTRACE to look and a view of the
 * machine's processes; without, it finds none. Only namespaces with a process in them are found: others hold no client.
 */
export async function networkNamespaces(ips: readonly string[], proc = '/proc'): Promise<readonly NetworkNamespace[]> {
  const own = await readlink(`${proc}/self/ns/net`).catch(() => '');
  const seen = new Set([own]);
  const found: NetworkNamespace[] = [];
  const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const namespace = await readlink(`${proc}/${pid}/ns/net`).catch(() => undefined);
      if (namespace === undefined || seen.has(namespace)) return;
      seen.add(namespace);
      const addresses = new Set([
        ...parseLocalTrie(await readFile(`${proc}/${pid}/net/fib_trie`, 'utf8').catch(() => '')),
        ...parseInet6(await readFile(`${proc}/${pid}/net/if_inet6`, 'utf8').catch(() => '')),
      ]);
      const its = ips.filter((ip) => addresses.has(isIpv6(ip) ? expandedIpv6(ip) : ip));
      if (its.length > 0) found.push({ path: `${proc}/${pid}/ns/net`, ips: its });
    }),
  );
  return found;
}

/** /proc/net/fib_trie: the leaves that are this namespace's own addresses are followed by `/32 host LOCAL`. */
export function parseLocalTrie(text: string): readonly string[] {
  return [...text.matchAll(/\|-- ([0-9.]+)\n\s+\/32 host LOCAL/g)].map(([, ip = '']) => ip);
}

/** /proc/net/if_inet6: 32 hexadecimal digits first. */
export function parseInet6(text: string): readonly string[] {
  return [...text.matchAll(/^([0-9a-f]{32}) /gm)].map(([, digits = '']) => digits);
}

/** `fd00::1` as its 32 digits. */
export function expandedIpv6(ip: string): string {
  const [head = '', tail] = ip.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').flatMap(hexGroups));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0000');
  return [...front, ...zeros, ...back].join('');
}

/** A group, or the two groups that an IPv4 address at the end makes. */
function hexGroups(group: string): readonly string[] {
  if (!group.includes('.')) return [group.padStart(4, '0')];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [a * 256 + b, c * 256 + d].map((pair) => pair.toString(16).padStart(4, '0'));
}

function isIpv6(ip: string): boolean {
  return ip.includes(':');
}
