/** The keys that may stand in a map of the cluster file, looked up in the schema itself. */

import { z } from 'zod';
import { clusterSchema } from './cluster-schema.ts';
import type { Path } from './finding.ts';

/** Empty when the path leads to no map of fixed keys. */
export function knownKeys(path: Path): readonly string[] {
  let schemas: readonly z.core.$ZodType[] = [clusterSchema];
  for (const part of path) {
    schemas = schemas.flatMap(unwrap).flatMap((schema) => {
      if (typeof part === 'number') return schema instanceof z.ZodArray ? [schema.element] : [];
      const field = schema instanceof z.ZodObject && Object.hasOwn(schema.shape, part) ? schema.shape[part] : undefined;
      return field === undefined ? [] : [field];
    });
  }
  return schemas.flatMap(unwrap).flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
}

function unwrap(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  return [schema];
}
