/** A watcher of trivet's on a machine: its program, its unit, and that it runs. */

import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';

export interface Watcher {
  /** What its steps are called: `etcd-access/ID`, `etcd-access/ID-unit`, `etcd-access/ID-runs`. */
  readonly id: string;
  readonly title: string;
  readonly program: string;
  readonly script: string;
  readonly unitName: string;
  readonly unit: string;
}

export function watcherSteps(host: Host, { id, title, program, script, unitName, unit }: Watcher): readonly Step[] {
  const file = (name: string, path: string, content: string, mode: number): Step => ({
    id: `etcd-access/${name}`,
    host: host.name,
    title: `write ${path}`,
    action: { kind: 'file', path, content, mode, owner: 'root:root', restarts: unitName },
  });
  return [
    file(id, program, script, 0o755),
    file(`${id}-unit`, `/etc/systemd/system/${unitName}`, unit, 0o644),
    { id: `etcd-access/${id}-runs`, host: host.name, title, action: { kind: 'service', unit: unitName, enabled: true, active: true } },
  ];
}
