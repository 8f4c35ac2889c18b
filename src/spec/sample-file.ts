/** A small cluster file for tests, with other lines in it, and what is found wrong. */

import { parseClusterFile } from './parse-cluster-file.ts';
import { formatProblem, type SpecResult } from './problem.ts';

export interface Sample {
  /** Lines below spec, from line 6; default: the endpoint 192.0.2.100. */
  readonly spec?: string;
  /** `NAME LAST-NUMBER-OF-THE-ADDRESS ROLE… {MORE KEYS}`, a line each behind `hosts:`; default: three masters and a worker. */
  readonly hosts?: readonly string[];
  /** What stands under kubernetes.kubeadm, in braces. */
  readonly kubeadm?: string;
  readonly allowEven?: boolean;
}

export const threeMasters = ['m1 11 master', 'm2 12 master', 'm3 13 master'];

export function sampleResult({
  spec = 'controlPlaneEndpoint: {address: 192.0.2.100}',
  hosts,
  kubeadm = '{}',
  allowEven = false,
}: Sample): SpecResult {
  const lines = (hosts ?? [...threeMasters, 'w1 21 worker']).map((line) => {
    const [, words = '', more] = /^([^{]*?)(?: \{(.*)\})?$/.exec(line) ?? [];
    const [name, number, ...roles] = words.split(' ');
    return `    - {name: ${name}, address: 192.0.2.${number}, roles: [${roles.join(', ')}]${more === undefined ? '' : `, ${more}`}}`;
  });
  const text = `apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: {name: demo}
spec:
  kubernetes: {version: v1.34.4, kubeadm: ${kubeadm}}
${spec.replaceAll(/^/gm, '  ')}
  hosts:
${lines.join('\n')}
`;
  return parseClusterFile(text, { path: 'c', directory: '/clusters', home: '/home/operator', allowEven });
}

/** `c:LINE:COLUMN PATH: MESSAGE; expected REMEDY` for each problem, in the file's order. */
export function sampleProblems(sample: Sample): readonly string[] {
  const result = sampleResult(sample);
  return result.kind === 'ok' ? [] : result.problems.map((problem) => formatProblem(problem).split('\n')[0] ?? '');
}
