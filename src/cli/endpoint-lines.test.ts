import { expect, test } from 'vitest';
import { bind, clusterFile, specOf } from '../../test/fake-machine/rehearsal.ts';
import { endpointLines } from './endpoint-lines.ts';

const file = clusterFile({ masters: 3, workers: 1 });

function linesOf(scheme: string): string {
  const text = file.replace('spec:\n', `spec:\n  scheme: ${scheme}\n`);
  const local = text.replace('  controlPlaneEndpoint: { address: 192.0.2.100 }\n', '');
  return endpointLines(bind(specOf(scheme.startsWith('local-') ? local : text), undefined)).join('\n');
}

test('endpointLines: the address, with the balancer’s port where there is one', () => {
  expect(linesOf('vip-on-masters')).toMatch(/^the API is at https:\/\/192\.0\.2\.100:6443\n/);
  expect(linesOf('{kind: vip-on-masters, proxy: haproxy}')).toMatch(/^the API is at https:\/\/192\.0\.2\.100:8443\n/);
});

test('endpointLines: a balancer of the user’s own must follow the masters', () => {
  expect(linesOf('external')).toMatch(/your own load balancer\n.*when the masters change, change them there too/s);
});

test('endpointLines: with local-care they are told the same', () => {
  expect(linesOf('local-care')).toMatch(/^on each node the API is at https:\/\/10\.103\.97\.2:6443\nfrom outside it is at each master: /);
});

test('endpointLines: with local-proxy clients outside are told the masters', () => {
  expect(linesOf('local-proxy')).toMatch(
    /^on each node the API is at https:\/\/127\.0\.0\.1:6443\nfrom outside it is at each master: https:\/\/192\.0\.2\.11:6443, /,
  );
});
