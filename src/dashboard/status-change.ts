/** What differs between two looks at a cluster: of a hundred machines only those that changed go to the pages. */

import type { ClusterStatus } from '../status/cluster-status.ts';
import type { StatusChange } from './page/page-data.ts';

/** undefined: nothing differs. */
export function statusChange(before: ClusterStatus | undefined, after: ClusterStatus): StatusChange | undefined {
  const { machines, ...rest } = after;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const set: StatusChange['set'] = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => !same(value, before === undefined ? undefined : Reflect.get(before, key))),
  );
  const known = new Map(before?.machines.map((machine) => [machine.name, machine]));
  const changed = machines.filter((machine) => !same(machine, known.get(machine.name)));
  const names = machines.map(({ name }) => name);
  const moved = !same(
    names,
    before?.machines.map(({ name }) => name),
  );
  if (Object.keys(set).length === 0 && changed.length === 0 && !moved) return undefined;
  return { set, machines: changed, ...(moved && { names }) };
}
