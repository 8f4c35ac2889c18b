import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterJsonSchema } from './json-schema.ts';

const path = join(import.meta.dirname, '../../schema/cluster.v1alpha1.json');

test('clusterJsonSchema: schema/cluster.v1alpha1.json is up to date (UPDATE_SCHEMA=1 writes it)', () => {
  const schema = clusterJsonSchema();
  if (process.env.UPDATE_SCHEMA) writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(schema);
});

test('clusterJsonSchema: every key has a description', () => {
  const bare: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries(value)) {
          if (!/"description":/.test(JSON.stringify({ ...Object(property), properties: undefined, items: undefined, anyOf: undefined }))) {
            bare.push(`${path}.${name}`);
          }
          walk(property, `${path}.${name}`);
        }
      } else walk(value, path);
    }
  };
  walk(clusterJsonSchema(), '');
  expect(bare).toEqual([]);
});
