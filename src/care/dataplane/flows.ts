/** Established connections to the virtual server, as conntrack and ipvsadm list them: pure. */

import { isIP, SocketAddress } from 'node:net';
import { type Address, addressText, parseAddress } from '../address.ts';

export interface Flow {
  readonly client: Address;
  readonly backend: Address;
  readonly established: boolean;
}

/** `conntrack -L`: the first tuple is what the client sent, the second what the backend answers. What cannot be read is left out. */
export function parseConntrack(output: string): readonly Flow[] {
  return output.split('\n').flatMap((line) => {
    const values = (key: string) => [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, 'g'))].map(([, value = '']) => value);
    const [client, backend] = values('src');
    const [clientPort, backendPort] = values('sport');
    const one = addressOf(client, clientPort);
    const other = addressOf(backend, backendPort);
    return one === undefined || other === undefined ? [] : [{ client: one, backend: other, established: line.includes(' ESTABLISHED ') }];
  });
}

/** `ipvsadm -Lnc`: Prot, expires, state, client, virtual server, backend. */
export function parseIpvsConnections(output: string, service: Address): readonly Flow[] {
  const virtual = addressText(service);
  return output.split('\n').flatMap((line) => {
    const [protocol, , state, client = '', vs = '', backend = ''] = line.trim().split(/\s+/);
    const [one, middle, other] = [client, vs, backend].map(parseAddress);
    if (protocol !== 'TCP' || one === undefined || other === undefined || middle === undefined) return [];
    return addressText(middle) === virtual ? [{ client: one, backend: other, established: state === 'ESTABLISHED' }] : [];
  });
}

/** By the backend's text. */
export function countEstablished(flows: readonly Flow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { backend, established } of flows) {
    const name = addressText(backend);
    if (established) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** conntrack prints IPv6 in its shortest form or not, as its version likes. */
function addressOf(ip: string | undefined, port: string | undefined): Address | undefined {
  if (ip === undefined || port === undefined) return undefined;
  return parseAddress(isIP(ip) === 6 ? `[${new SocketAddress({ address: ip, family: 'ipv6' }).address}]:${port}` : `${ip}:${port}`);
}
