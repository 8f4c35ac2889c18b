/** Whether a fault can be put on a machine, asked there before anything is changed. */

import type { FaultOnMachine, InjectInput, MachineFault } from './fault.ts';
import { faultOn, machineFault } from './fault-on.ts';
import { prelude } from './shell-parts.ts';

export type WhyNotInput = Pick<InjectInput, 'fault' | 'victim' | 'view' | 'connect' | 'power'> & { readonly signal?: AbortSignal };

/** For people; undefined: it is possible. Changes nothing. Failures of the connection are thrown. */
export async function whyNotPossible(input: WhyNotInput): Promise<string | undefined> {
  const fault = faultHere(input);
  return fault.kind === 'power' ? undefined : reasonAgainst(fault, input);
}

/** Where there is no power switch a power-off is a cut-off network. */
export function faultHere({ fault, victim, view, power }: Pick<InjectInput, 'fault' | 'victim' | 'view' | 'power'>): FaultOnMachine {
  const found = faultOn(fault, victim, view);
  return found.kind === 'power' && power === undefined ? machineFault(fault, victim, view) : found;
}

export async function reasonAgainst(
  { possible }: MachineFault,
  { victim, connect, signal }: Pick<WhyNotInput, 'victim' | 'connect' | 'signal'>,
): Promise<string | undefined> {
  const connection = await connect(victim, signal);
  const script = `${prelude('none')}${possible}`;
  const result = await connection.run(['sh', '-c', script], { timeoutSeconds: 30, ...(signal === undefined ? {} : { signal }) });
  if (result.code === 0) return undefined;
  return result.stdout.trim() || result.stderr.trim() || `its check ended with ${result.code}`;
}
