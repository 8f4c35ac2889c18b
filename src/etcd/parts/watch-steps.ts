/** The watcher of the connections to etcd's members on other machines. */

import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { etcdWatch, etcdWatchProgram, etcdWatchUnit, etcdWatchUnitName } from '../../render/etcd-watch.ts';
import { watcherSteps } from './watcher-steps.ts';

/** An apiserver must not wait; members among themselves have their election timeout. */
const everySeconds = { client: 0.3, member: 1 };

/** None where there is no other machine. */
export function watchSteps(host: Host, members: readonly Host[], as: keyof typeof everySeconds): readonly Step[] {
  const others = members.filter((member) => member !== host).map(({ internalAddress }) => internalAddress);
  if (others.length === 0) return [];
  return watcherSteps(host, {
    id: 'watch',
    title: 'watch the connections to etcd',
    program: etcdWatchProgram,
    script: etcdWatch({ members: others, everySeconds: everySeconds[as] }),
    unitName: etcdWatchUnitName,
    unit: etcdWatchUnit(),
  });
}
