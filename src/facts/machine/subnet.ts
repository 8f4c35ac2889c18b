/** Whether an IPv4 address lies in a subnet, as machines report them. */

export interface Subnet {
  /** For example 192.0.2.0. */
  readonly network: string;
  readonly prefixLength: number;
}

/** False for anything that is not an IPv4 address. */
export function subnetContains(subnet: Subnet, address: string): boolean {
  const value = ipv4(address);
  const network = ipv4(subnet.network);
  if (value === undefined || network === undefined) return false;
  const size = 2 ** (32 - subnet.prefixLength);
  return Math.floor(value / size) === Math.floor(network / size);
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function ipv4(text: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}
