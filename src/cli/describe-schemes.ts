/** What each scheme survives, does not survive and costs: one description for people, machines and docs/reference/schemes.md. */

import type { SchemeOptions } from '../model/cluster.ts';
import type { Fault, Scheme } from '../model/scheme.ts';
import { everySchemeOptions, schemeOf } from './choices.ts';

/** unknown: it is up to the user's own load balancer. not-there: the scheme has nothing that this could happen to. */
export type Outcome = 'survived' | 'not-survived' | 'not-there' | 'unknown';

export interface SchemeDescription {
  readonly name: Scheme['name'];
  readonly variant: string;
  /** As the cluster file says it, after `scheme:`. */
  readonly file: string;
  readonly summary: string;
  /** In the order of everyFault. */
  readonly outcomes: readonly { readonly fault: Fault; readonly outcome: Outcome }[];
  readonly costs: readonly string[];
}

/** In the order in which they are shown; `briefly` fits a table of 80 columns. */
export const everyFault: readonly { readonly fault: Fault; readonly briefly: string }[] = [
  { fault: 'machine-power-off', briefly: 'master power off' },
  { fault: 'machine-isolated', briefly: 'master cut off' },
  { fault: 'apiserver-killed', briefly: 'apiserver dies' },
  { fault: 'apiserver-frozen', briefly: 'apiserver frozen' },
  { fault: 'kubelet-killed', briefly: 'kubelet dies' },
  { fault: 'balancer-killed', briefly: 'balancer dies' },
  { fault: 'balancer-power-off', briefly: 'lb power off' },
];

export function describeSchemes(): readonly SchemeDescription[] {
  return everySchemeOptions.map((options) => {
    const scheme = schemeOf(options);
    const { name, variant, summary, costs } = scheme;
    const outcomes = everyFault.map(({ fault }) => ({ fault, outcome: outcomeOf(fault, options, scheme) }));
    return { name, variant, file: inFile(options), summary, outcomes, costs };
  });
}

function outcomeOf(fault: Fault, options: SchemeOptions, { survives }: Scheme): Outcome {
  if (survives.includes(fault)) return 'survived';
  if (options.kind === 'external') return 'unknown';
  if (fault === 'balancer-power-off' && options.kind !== 'external-pair') return 'not-there';
  // LVS balances in the kernel: there is no program that could die.
  if (fault === 'balancer-killed' && options.kind !== 'local-care' && (options.proxy === 'none' || options.proxy === 'lvs'))
    return 'not-there';
  return 'not-survived';
}

/** The shortest that the cluster file takes. */
function inFile(options: SchemeOptions): string {
  if (options.kind === 'external') return options.kind;
  if (options.kind === 'local-care')
    return options.backend === 'nft' ? options.kind : `{kind: ${options.kind}, backend: ${options.backend}}`;
  const usual = options.kind === 'vip-on-masters' ? 'none' : 'haproxy';
  return options.proxy === usual ? options.kind : `{kind: ${options.kind}, proxy: ${options.proxy}}`;
}
