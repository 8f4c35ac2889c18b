import { expect, test } from 'vitest';
import { clusterFile, specOf } from '../../test/fake-machine/rehearsal.ts';
import { everyScheme, schemeOf } from './choices.ts';
import { describeSchemes, everyFault } from './describe-schemes.ts';
import { schemesText } from './schemes-text.ts';

const described = describeSchemes();

test('describeSchemes: every variant once, with each fault that it survives', () => {
  expect(new Set(described.map(({ variant }) => variant)).size).toBe(described.length);
  for (const [index, scheme] of everyScheme.entries()) {
    const outcomes = described[index]?.outcomes ?? [];
    expect(outcomes.flatMap(({ fault, outcome }) => (outcome === 'survived' ? [fault] : []))).toEqual(
      everyFault.map(({ fault }) => fault).filter((fault) => scheme.survives.includes(fault)),
    );
    expect(everyFault.map(({ fault }) => fault)).toEqual(expect.arrayContaining([...scheme.survives]));
  }
});

test.each(described)('describeSchemes: $file in a cluster file means $variant', ({ file, name, variant }) => {
  const lb =
    name === 'external-pair'
      ? '    - { name: lb1, address: 192.0.2.31, roles: [lb] }\n    - { name: lb2, address: 192.0.2.32, roles: [lb] }\n'
      : '';
  const text = `${clusterFile({ masters: 3, workers: 1 })}${lb}`.replace('spec:\n', `spec:\n  scheme: ${file}\n`);
  const spec = specOf(name === 'local-proxy' ? text.replace('  controlPlaneEndpoint: { address: 192.0.2.100 }\n', '') : text);
  expect(schemeOf(spec.schemeOptions).variant).toBe(variant);
});

test('schemesText: within 80 columns, every variant and every cost in it', () => {
  const text = schemesText(described);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const flat = text.replaceAll(/\s+/g, ' ');
  for (const { variant, summary, costs } of described) for (const words of [variant, summary, ...costs]) expect(flat).toContain(words);
});
