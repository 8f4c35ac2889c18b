/** Takes the members out of EndpointSlice default/kubernetes, as unknown JSON from a server that may answer anything. */

import { type Address, addressText, parseAddress } from '../address.ts';
import { isRecord } from '../json.ts';

export type SliceContent =
  | { readonly kind: 'members'; readonly members: readonly Address[]; readonly resourceVersion: string }
  /** It is a slice and names nobody. */
  | { readonly kind: 'empty'; readonly resourceVersion: string }
  | { readonly kind: 'rubbish'; readonly why: string };

/** More masters than any cluster has: whoever says so is not believed. */
const mostMembers = 100;

/** Of an EndpointSliceList that was asked for by name. */
export function readSliceList(body: unknown): SliceContent {
  if (!isRecord(body) || body.kind !== 'EndpointSliceList' || !Array.isArray(body.items)) return rubbish('it is no EndpointSliceList');
  const resourceVersion = versionOf(body);
  if (resourceVersion === undefined) return rubbish('the list has no resourceVersion');
  const [slice, ...others] = body.items;
  if (slice === undefined) return { kind: 'empty', resourceVersion };
  if (others.length > 0) return rubbish('it lists more slices than the one that was asked for');
  const content = readSlice(slice);
  return content.kind === 'rubbish' ? content : { ...content, resourceVersion };
}

/** Each member once, sorted by text, so that the same members are the same list. Whether they are masters is for verifyMember to find out. */
export function readSlice(slice: unknown): SliceContent {
  if (!isRecord(slice) || !isRecord(slice.metadata)) return rubbish('it is no EndpointSlice');
  if (slice.metadata.name !== 'kubernetes') return rubbish('it is another EndpointSlice than default/kubernetes');
  const resourceVersion = versionOf(slice);
  if (resourceVersion === undefined) return rubbish('the slice has no resourceVersion');
  if (slice.addressType !== 'IPv4' && slice.addressType !== 'IPv6') return rubbish('its addresses are neither IPv4 nor IPv6');
  const ports = listOf(slice.ports).filter((port) => isRecord(port) && (port.protocol ?? 'TCP') === 'TCP');
  const https = ports.find((port) => isRecord(port) && port.name === 'https') ?? (ports.length === 1 ? ports[0] : undefined);
  const port = isRecord(https) ? https.port : undefined;
  const ips = listOf(slice.endpoints).flatMap((endpoint) => (isRecord(endpoint) ? listOf(endpoint.addresses) : []));
  if (ips.length === 0) return { kind: 'empty', resourceVersion };
  if (typeof port !== 'number') return rubbish('it has no port named https');
  if (ips.length > mostMembers) return rubbish(`it names ${ips.length} members`);
  const family = slice.addressType === 'IPv6' ? 6 : 4;
  const members = new Map<string, Address>();
  for (const ip of ips) {
    const member = typeof ip === 'string' ? parseAddress(family === 6 ? `[${ip}]:${port}` : `${ip}:${port}`) : undefined;
    if (member === undefined) return rubbish('one of its addresses is none');
    members.set(addressText(member), member);
  }
  return { kind: 'members', members: [...members.keys()].sort().flatMap((text) => members.get(text) ?? []), resourceVersion };
}

/** Of a list, a slice or a bookmark. */
function versionOf(object: unknown): string | undefined {
  const metadata = isRecord(object) ? object.metadata : undefined;
  const version = isRecord(metadata) ? metadata.resourceVersion : undefined;
  return typeof version === 'string' && /^[0-9]{1,20}$/.test(version) ? version : undefined;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const rubbish = (why: string): SliceContent => ({ kind: 'rubbish', why });
