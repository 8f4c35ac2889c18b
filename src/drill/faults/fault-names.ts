/** A process fault's name taken apart. */

import { type FaultName, type ProcessName, processModes, processNames } from './fault.ts';

export type ProcessMode = (typeof processModes)[number];

/** apiserver-frozen → apiserver, frozen; undefined for the other faults. */
export function splitProcessFault(fault: FaultName): { readonly name: ProcessName; readonly mode: ProcessMode } | undefined {
  for (const name of processNames) {
    for (const mode of processModes) if (fault === `${name}-${mode}`) return { name, mode };
  }
  return undefined;
}
