/** From the rules that are there and the table that should be to the lines for `ipvsadm -R`: pure. */

import { type Address, addressText } from '../../address.ts';
import type { Target } from '../dataplane.ts';
import type { VirtualServer } from './parse-rules.ts';

/** ipvsadm applies line by line: what is dead goes first, so that no connection is given to it meanwhile. Empty: all is as it should be. */
export function reconcile({
  service,
  scheduler,
  targets,
  now,
}: {
  readonly service: Address;
  readonly scheduler: string;
  readonly targets: readonly Target[];
  readonly now: VirtualServer | undefined;
}): readonly string[] {
  const virtual = `-t ${addressText(service)}`;
  const wanted = new Map(targets.map(({ address, weight }) => [addressText(address), weight]));
  const there = new Map((now?.realServers ?? []).map((server) => [addressText(server.address), server]));
  const real = (name: string) => `${virtual} -r ${name}`;
  const removed = [...there.keys()].filter((name) => !wanted.has(name)).map((name) => `-d ${real(name)}`);
  const lowered: string[] = [];
  const others: string[] = [];
  for (const [name, weight] of wanted) {
    const server = there.get(name);
    const settings = `${real(name)} -m -w ${weight}`;
    if (server === undefined) others.push(`-a ${settings}`);
    else if (server.weight !== weight || server.forward !== 'masquerade') (weight === 0 ? lowered : others).push(`-e ${settings}`);
  }
  return [...serviceLine(virtual, scheduler, now), ...removed, ...lowered, ...others];
}

function serviceLine(virtual: string, scheduler: string, now: VirtualServer | undefined): readonly string[] {
  if (now === undefined) return [`-A ${virtual} -s ${scheduler}`];
  return now.scheduler === scheduler && !now.otherOptions ? [] : [`-E ${virtual} -s ${scheduler}`];
}
