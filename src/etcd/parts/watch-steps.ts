/** The watcher of the connections to etcd's members on other machines. */

import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { etcdWatch, etcdWatchProgram, etcdWatchUnit, etcdWatchUnitName } from '../../render/etcd-watch.ts';

/** An apiserver must not wait; members among themselves have their election timeout. */
const everySeconds = { client: 0.3, member: 1 };

/** None where there is no other machine. */
export function watchSteps(host: Host, members: readonly Host[], as: keyof typeof everySeconds): readonly Step[] {
  const others = members.filter((member) => member !== host).map(({ internalAddress }) => internalAddress);
  if (others.length === 0) return [];
  const file = (id: string, path: string, content: string, mode: number): Step => ({
    id: `etcd-access/${id}`,
    host: host.name,
    title: `write ${path}`,
    action: { kind: 'file', path, content, mode, owner: 'root:root', restarts: etcdWatchUnitName },
  });
  return [
    file('watch', etcdWatchProgram, etcdWatch({ members: others, everySeconds: everySeconds[as] }), 0o755),
    file('watch-unit', `/etc/systemd/system/${etcdWatchUnitName}`, etcdWatchUnit(), 0o644),
    {
      id: 'etcd-access/watch-runs',
      host: host.name,
      title: 'watch the connections to etcd',
      action: { kind: 'service', unit: etcdWatchUnitName, enabled: true, active: true },
    },
  ];
}
