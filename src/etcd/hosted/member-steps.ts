/** One member: its data directory, configuration and unit. */

import { type EtcdMember, etcdctl, etcdMembers } from '../../facts/etcd-members.ts';
import type { EtcdInput } from '../../model/etcd-topology.ts';
import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { clientUrl, etcdConfig } from '../../render/etcd-config.ts';
import { etcdConfigPath, etcdDataDirectory, etcdUnit, etcdUser, memberAccess } from '../../render/etcd-paths.ts';
import { etcdServiceUnit } from '../../render/etcd-unit.ts';

/**
 * Host after host. Members that found a cluster only start here, since none is healthy before most of them have started. A
 * healthy one that has to restart is waited for, before the next one restarts.
 */
export async function memberSteps({ cluster, host, read }: EtcdInput): Promise<readonly Step[]> {
  const members = await read(host, etcdMembers(memberAccess([clientUrl(host)])));
  const step = (id: string, title: string, action: Step['action']): Step => ({ id: `etcd-members/${id}`, host: host.name, title, action });
  const file = (id: string, path: string, content: string) =>
    step(id, `write ${path}`, { kind: 'file', path, content, mode: 0o644, owner: 'root:root', restarts: etcdUnit });
  return [
    step('data', `make ${etcdDataDirectory}`, {
      kind: 'command',
      argv: ['install', '-d', '-m', '0700', '-o', etcdUser, '-g', etcdUser, etcdDataDirectory],
      check: ['sh', '-c', `test "$(stat -c '%U %a' ${etcdDataDirectory})" = '${etcdUser} 700'`],
      timeoutSeconds: 30,
    }),
    file('config', etcdConfigPath, etcdConfig(cluster, host)),
    file('unit', `/etc/systemd/system/${etcdUnit}`, etcdServiceUnit()),
    step('run', 'run etcd', { kind: 'service', unit: etcdUnit, enabled: true, active: true }),
    ...(isHealthy(members, host) ? [memberAnswers('etcd-members', host)] : []),
  ];
}

function isHealthy(members: readonly EtcdMember[], host: Host): boolean {
  return members.some((member) => member.name === host.name && member.healthy);
}

/** With a linearizable read: the member has a leader, and the leader a quorum. */
export function memberAnswers(phase: string, host: Host): Step {
  return {
    id: `${phase}/answers`,
    host: host.name,
    title: 'wait until the etcd member here answers',
    action: {
      kind: 'wait',
      argv: ['sh', '-c', `${etcdctl(memberAccess([clientUrl(host)]))} --command-timeout=3s endpoint health`],
      everySeconds: 0.3,
      deadlineSeconds: 120,
      hint: `journalctl -u ${etcdUnit} -n 50 tells why; it needs TCP 2380 to and from the other members`,
    },
  };
}
