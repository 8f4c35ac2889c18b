/** Image references that containerd has for Kubernetes. */

import type { Fact } from '../model/fact.ts';

/** Empty when containerd is not there or does not answer. */
export const containerImages: Fact<ReadonlySet<string>> = {
  name: 'container-images',
  argv: ['ctr', '-n', 'k8s.io', 'images', 'ls', '-q'],
  parse: ({ code, stdout }) => new Set(code === 0 ? stdout.split('\n').filter((line) => line !== '') : []),
};
