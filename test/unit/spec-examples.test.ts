/** Every file in examples/ parses, means what it says again after being rendered, and names the schema for editors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseClusterFile } from '../../src/spec/parse-cluster-file.ts';
import { formatProblem } from '../../src/spec/problem.ts';
import { exampleClusterFile, renderClusterFile, schemaComment } from '../../src/spec/render-cluster-file.ts';

const directory = join(import.meta.dirname, '../../examples');
const context = { directory, home: '/home/operator' };

function parse(path: string, text: string) {
  const result = parseClusterFile(text, { ...context, path });
  expect(result.kind === 'problems' ? result.problems.map(formatProblem).join('\n') : '').toBe('');
  return result;
}

describe.each(readdirSync(directory).filter((name) => name.endsWith('.yaml')))('examples/%s', (name) => {
  const text = readFileSync(join(directory, name), 'utf8');

  test('names the schema and parses without a warning', () => {
    expect(text.split('\n')[0]).toBe(`${schemaComment}../schema/cluster.v1alpha1.json`);
    expect(parse(name, text)).toMatchObject({ kind: 'ok', warnings: [] });
  });

  test('rendered and parsed again, it is the same spec', () => {
    const first = parse(name, text);
    expect(first.kind === 'ok' && parse('again.yaml', renderClusterFile(first.spec))).toEqual(first);
  });
});

test('exampleClusterFile: what trivet init prints without flags parses', () => {
  expect(parse('example', exampleClusterFile()).kind).toBe('ok');
});
