/** Strategic merge patches, as far as trivet writes them: whether one would change anything, and what it makes of an object. */

import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../model/cluster.ts';

/**
 * Whether the patch would change nothing. Objects are gone through key by key, with `$patch: replace` compared as a whole;
 * items of lists that have names (containers, env) are found by them; other lists must be equal.
 */
export function isPatched(have: Json | undefined, patch: Json): boolean {
  if (isNamedList(patch)) return patch.every((item) => isPatched(namesake(have, item), item));
  if (!isObject(patch)) return isDeepStrictEqual(have, patch);
  const { $patch: directive, ...wanted } = patch;
  if (directive === 'replace') return isDeepStrictEqual(have, wanted);
  return isObject(have) && Object.entries(wanted).every(([key, value]) => isPatched(have[key], value));
}

/** What the apiserver makes of an object that it is given with the patch. */
export function patched(have: Json | undefined, patch: Json): Json {
  if (isNamedList(patch)) {
    const kept = isList(have) ? have.filter((item) => !patch.some((other) => isObject(item) && item.name === other.name)) : [];
    return [...kept, ...patch.map((item) => patched(namesake(have, item), item))];
  }
  return isObject(patch) ? patchedObject(have, patch) : patch;
}

/** patched(), for what is an object in any case. */
export function patchedObject(have: Json | undefined, { $patch: directive, ...wanted }: JsonObject): JsonObject {
  const base = isObject(have) && directive !== 'replace' ? have : {};
  return { ...base, ...Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, patched(base[key], value)])) };
}

function namesake(have: Json | undefined, { name }: JsonObject): Json | undefined {
  return isList(have) ? have.find((item) => isObject(item) && item.name === name) : undefined;
}

function isNamedList(value: Json): value is readonly JsonObject[] {
  return isList(value) && value.length > 0 && value.every((item) => isObject(item) && typeof item.name === 'string');
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
