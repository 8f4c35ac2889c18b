/** The kinds of values of a cluster file; the error of each is what is expected in its place. */

import { z } from 'zod';
import type { JsonObject } from '../model/cluster.ts';
import { parseIpv4, parseSubnet } from './ipv4.ts';

export const says = (expected: string) => ({ error: expected });

export const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const domainPattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
export const qualifiedPattern = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
export const labelValuePattern = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;

export const text = (expected: string, pattern = /^[^\p{Cc}]+$/u) => z.string(says(expected)).regex(pattern, says(expected));
export const flag = () => z.boolean(says('true or false'));
export const dnsLabel = () => text('a DNS label: lower-case letters, digits and -, at most 63 characters', labelPattern);
export const path = () => text('a path');
export const integer = (expected: string, least: number, most: number) =>
  z.number(says(expected)).int(says(expected)).min(least, says(expected)).max(most, says(expected));
export const port = () => integer('a port, 1–65535', 1, 65535);

const isIpv4 = (value: string) => parseIpv4(value) !== undefined;
const isDomain = (value: string) => domainPattern.test(value) && !/^[\d.]+$/.test(value);
const addressText = 'an IPv4 address such as 192.0.2.11';
export const address = () => z.string(says(addressText)).refine(isIpv4, says(addressText)).meta({ format: 'ipv4' });
const domainText = 'a DNS name such as apiserver.cluster.local';
export const domain = () => z.string(says(domainText)).refine(isDomain, says(domainText)).meta({ format: 'hostname' });
const subnetText = 'an IPv4 subnet such as 10.244.0.0/16';
export const subnet = () =>
  z
    .string(says(subnetText))
    .refine((value) => parseSubnet(value) !== undefined, says(subnetText))
    .meta({ pattern: '^[0-9.]+/[0-9]+$' });
const sanText = 'a DNS name or an IPv4 address';
export const subjectName = () =>
  z.string(says(sanText)).refine((value) => isIpv4(value) || isDomain(value.replace(/^\*\./, '')), says(sanText));
export const interfaceName = () => text('the name of a network interface, at most 15 characters', /^[^\s/:]{1,15}$/);

export const map = (expected = 'a map') => ({
  error: (issue: { readonly code?: string | undefined }) => (issue.code === 'invalid_type' ? expected : undefined),
});
export const list = says('a list');

const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
export const passthrough = (kind: string, note = '') =>
  z
    .custom<JsonObject>(isJsonObject, says(`a map of ${kind} fields`))
    .default({})
    .meta({ type: 'object', description: `Raw ${kind}, merged over what trivet renders: key by key, lists replaced.${note}` });
