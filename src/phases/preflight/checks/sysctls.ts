/** Preflight check: the sysctls that Kubernetes needs have their value or can be set. */

import type { Check } from '../finding.ts';
import { isNode } from '../survey.ts';

export const sysctls: Check = ({ machines }) =>
  machines
    .filter(({ host }) => isNode(host))
    .flatMap(({ host, kernel }) =>
      (kernel?.sysctls ?? [])
        .filter(({ value, writable }) => !writable && value !== '1')
        .map(({ name, value }) => ({
          severity: 'error' as const,
          host: host.name,
          check: 'sysctls',
          message: `${name} is ${value || 'empty'} and cannot be set: /proc/sys is read-only here`,
          remedy: `set ${name} = 1 where the machine is made: the container's or virtual machine's host`,
        })),
    );
