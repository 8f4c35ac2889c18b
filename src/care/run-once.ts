/** One good round before a join: looks at all backends, puts the table in place, ends. */

import { Failure } from '../model/failure.ts';
import { addressText } from './address.ts';
import type { CareLoop } from './care-loop.ts';
import { decideTable } from './decide.ts';
import { type CareDeps, openCare } from './open-care.ts';
import type { CareSettings } from './settings.ts';
import { tableText } from './table-text.ts';

/** After the first backend serves, milliseconds for which the others are still looked at: the table stays as it is then. */
const othersMs = 2000;

/** WAIT_EXPIRED when nobody serves for `mostMs` milliseconds; the table is in place all the same. */
export async function runOnce(settings: CareSettings, deps: CareDeps, mostMs = 10_000): Promise<void> {
  const done = Promise.withResolvers<'served' | 'late'>();
  let others: NodeJS.Timeout | undefined;
  let look = (): void => undefined;
  const care = await openCare(settings, deps, () => look());
  const { loop, dataplane } = care;
  look = () => {
    const states = loop.pool().map(({ health }) => health.state);
    if (!states.includes('UP')) return;
    if (states.includes('SUSPECT')) others ??= setTimeout(() => done.resolve('served'), othersMs);
    // What is known now may be newer than the table that was just applied.
    else if (isApplied(loop, settings)) done.resolve('served');
  };
  const timer = setTimeout(() => done.resolve('late'), mostMs);
  const stop = () => done.resolve('late');
  deps.signal.addEventListener('abort', stop, { once: true });
  try {
    if (dataplane.kind === 'proxy') {
      throw new Failure('CARE_DATAPLANE', 'the data plane proxy carries connections in this process, so it cannot run once and end', {
        remedy: 'run trivet care as a service before the join, or choose --backend nft or ipvs',
      });
    }
    if ((await done.promise) === 'served') return;
    if (deps.signal.aborted) throw new Failure('INTERRUPTED', 'stopped before a backend served');
    throw new Failure('WAIT_EXPIRED', `no backend of ${addressText(settings.service)} serves after ${mostMs / 1000} s`, {
      findings: loop.pool().map(({ address, health }) => `${addressText(address)} ${health.state}: ${health.why}`),
    });
  } finally {
    clearTimeout(timer);
    clearTimeout(others);
    deps.signal.removeEventListener('abort', stop);
    await care.close();
  }
}

function isApplied(loop: CareLoop, settings: CareSettings): boolean {
  const { applied } = loop.keeper();
  return applied !== undefined && tableText(applied) === tableText(decideTable(loop.pool(), settings));
}
