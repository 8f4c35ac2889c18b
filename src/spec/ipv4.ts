/** IPv4 addresses and subnets as numbers, for the questions a cluster file raises: inside, overlapping, on one network. */

export interface Subnet {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** The address as a number, or undefined when it is none: four decimal parts of 0–255 without leading zeros. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Address and prefix length; `first` is the network's address whatever the host bits say. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const value = parseIpv4(address);
  if (value === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(prefixText) || Number(prefixText) > 32) return undefined;
  const prefix = Number(prefixText);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1, prefix };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatIpv4(subnet.first)}/${subnet.prefix}`;
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.first && address <= subnet.last;
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** True for an address that one machine can have: not this-network, loopback, link-local, multicast, reserved or broadcast. */
export function isMachineAddress(address: number): boolean {
  return !['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].some((text) => {
    const subnet = parseSubnet(text);
    return subnet !== undefined && contains(subnet, address);
  });
}
