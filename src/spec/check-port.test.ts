/** The endpoint's port with trivet care: in the kernel nobody listens, in its own process it does. */

import { expect, test } from 'vitest';
import { sampleProblems } from './sample-file.ts';

const found = (backend: string, port: number) =>
  sampleProblems({ spec: `controlPlaneEndpoint: {port: ${port}}\nscheme: {kind: local-care, backend: ${backend}}` }).map((text) =>
    text.replace(/^.*?controlPlaneEndpoint\.port: /, ''),
  );

test.each([443, 6443, 10_250, 31_000])('portFindings: nft takes port %i of its own address before anybody who listens there', (port) => {
  expect(found('nft', port)).toEqual([]);
  expect(found('ipvs', port)).toEqual([]);
});

test('portFindings: the daemon itself cannot listen where sshd, the kubelet or services do', () => {
  expect(found('proxy', 6443)).toEqual([]);
  expect(found('proxy', 8443)).toEqual([]);
  expect(found('proxy', 22)).toEqual(['22 is taken: sshd of m1 listens there; expected another port, such as 6443']);
  expect(found('proxy', 10_250)).toEqual(['10250 is taken on the masters: the kubelet listens there; expected another port, such as 6443']);
  expect(found('proxy', 31_000)).toEqual([
    '31000 is a port that Kubernetes gives to services of type NodePort, 30000–32767; expected another port, such as 6443',
  ]);
});
