/** IP:PORT of a virtual server or a backend, in one canonical spelling: addresses are compared and keyed by their text. */

import { isIP, SocketAddress } from 'node:net';

export interface Address {
  /** Without brackets, lower case, IPv6 in its shortest form: 10.0.0.1, fd00::1. */
  readonly ip: string;
  readonly family: 4 | 6;
  readonly port: number;
}

/** `10.0.0.1:6443` or `[fd00::1]:6443`; undefined for anything else, host names and IPv6 zones too. */
export function parseAddress(text: string): Address | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text);
  const ip = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  const family = ip === undefined ? 0 : isIP(ip);
  if (ip === undefined || port < 1 || port > 65_535) return undefined;
  if (family === 4 && parts?.[2] !== undefined) return { ip, family: 4, port };
  if (family === 6) return { ip: new SocketAddress({ address: ip, family: 'ipv6' }).address, family: 6, port };
  return undefined;
}

/** As `--vs` and `--rs` take it, and as every table, log line and metric shows it. */
export function addressText({ ip, family, port }: Address): string {
  return family === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
}
