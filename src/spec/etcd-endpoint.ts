/** One client URL of an etcd that the user brings. */

import { isMachineAddress, parseIpv4 } from './ipv4.ts';

export type EtcdEndpoint =
  | {
      readonly kind: 'ok';
      /** HOST:PORT. */
      readonly address: string;
    }
  | { readonly kind: 'wrong'; readonly message?: string; readonly suggestion?: string };

const namePattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** `https://192.0.2.31:2379`, and nothing behind it. */
export function describeEndpoint(text: string): EtcdEndpoint {
  const [, scheme = '', host = '', portText, rest = ''] = /^(?:([a-z]+):\/\/)?([^/:[\]]*)(?::(\d{1,5}))?(\/?.*)$/i.exec(text) ?? [];
  const number = parseIpv4(host);
  const isHost = number !== undefined || (namePattern.test(host) && !/^[\d.]+$/.test(host));
  const port = Number(portText ?? 2379);
  if (!isHost || port < 1 || port > 65535) return { kind: 'wrong' };
  if (number !== undefined && !isMachineAddress(number)) {
    return { kind: 'wrong', message: `${host} is not an address at which the masters reach your etcd` };
  }
  if (host === 'localhost') return { kind: 'wrong', message: 'localhost is another machine on each master' };
  const suggestion = `https://${host}:${port}`;
  if (scheme.toLowerCase() === 'http') {
    return { kind: 'wrong', message: `${text} is not encrypted: the cluster's secrets would be open to the network`, suggestion };
  }
  if (scheme !== 'https' || portText === undefined || (rest !== '' && rest !== '/')) {
    return rest === '' || rest === '/' ? { kind: 'wrong', suggestion } : { kind: 'wrong' };
  }
  return rest === '/' ? { kind: 'wrong', suggestion } : { kind: 'ok', address: `${host}:${port}` };
}
