/** The keys that may stand in a map of the cluster file, looked up in the schema itself. */

import { z } from 'zod';
import { clusterSchema } from './cluster-schema.ts';
import type { Path } from './finding.ts';
import { record, valueAt } from './record.ts';

/** Empty when the path leads to no map of fixed keys. `data`: the file's, which says of which kind a map is. */
export function knownKeys(path: Path, data: unknown): readonly string[] {
  return keysOf(mapsAt(path, data));
}

/** When a map is of a kind that lacks the key, and other kinds have it: `{ kind: 'external', others: ['vip-on-masters'] }`. */
export function keyOfOtherKinds(parent: Path, key: string, data: unknown) {
  const discriminator = parent.at(-1) === 'etcd' ? 'topology' : 'kind';
  const kinds = mapsAt(parent, undefined).flatMap((schema) => {
    const field = schema instanceof z.ZodObject ? schema.shape[discriminator] : undefined;
    return field instanceof z.ZodLiteral ? [{ name: String(field.value), keys: keysOf([schema]) }] : [];
  });
  const kind = record(valueAt(parent, data))[discriminator];
  const others = kinds.filter(({ keys }) => keys.includes(key)).map(({ name }) => name);
  return others.length === 0 || typeof kind !== 'string' ? undefined : { kind, others };
}

/** The schemas of the map at the path: one, unless the data leaves open of which kind it is. */
function mapsAt(path: Path, data: unknown): readonly z.core.$ZodType[] {
  let schemas: readonly z.core.$ZodType[] = [clusterSchema];
  for (const [depth, part] of path.entries()) {
    const value = valueAt(path.slice(0, depth), data);
    schemas = schemas
      .flatMap((schema) => unwrap(schema, value))
      .flatMap((schema) => {
        if (typeof part === 'number') return schema instanceof z.ZodArray ? [schema.element] : [];
        const field = schema instanceof z.ZodObject && Object.hasOwn(schema.shape, part) ? schema.shape[part] : undefined;
        return field === undefined ? [] : [field];
      });
  }
  return schemas.flatMap((schema) => unwrap(schema, valueAt(path, data)));
}

function keysOf(schemas: readonly z.core.$ZodType[]): readonly string[] {
  return [...new Set(schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))];
}

function unwrap(schema: z.core.$ZodType, value: unknown): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) return ofKind(schema, value);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrap(option, value));
  return [schema];
}

/** The option whose kind the value names; all of them when it names none. */
function ofKind(schema: z.ZodDiscriminatedUnion, value: unknown): readonly z.core.$ZodType[] {
  const { discriminator } = schema.def;
  const kind = record(value)[discriminator];
  const named = schema.options.filter((option) => {
    const field = option instanceof z.ZodObject ? option.shape[discriminator] : undefined;
    return field instanceof z.ZodLiteral && field.value === kind;
  });
  return named.length === 0 ? schema.options : named;
}
