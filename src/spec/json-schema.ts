/** The JSON Schema of the cluster file, for editors: made from the schema that parses it, kept in schema/. */

import { z } from 'zod';
import type { JsonObject } from '../model/cluster.ts';
import { clusterSchema } from './cluster-schema.ts';

export function clusterJsonSchema(): JsonObject {
  // Passthrough maps are of a custom type, described by their own metadata.
  const schema: unknown = JSON.parse(JSON.stringify(z.toJSONSchema(clusterSchema, { io: 'input', unrepresentable: 'any' })));
  const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject(schema) ? schema : {};
}
