/** A cluster that exists only as its status, for pages and benchmarks: healthy unless told otherwise. */

import type { ClusterStatus, MachineStatus } from '../../src/status/cluster-status.ts';

export interface SimulatedCluster {
  /** Default 1. */
  readonly workers?: number;
  /** Who holds the VIP; default m1. */
  readonly holder?: string;
  /** Machines that cannot be asked, and are down. */
  readonly down?: readonly string[];
  /** Changes what each machine says a little, so that every one of them differs from the look before. */
  readonly turn?: number;
}

const masters = ['m1', 'm2', 'm3'];

export function simulatedStatus({ workers = 1, holder = 'm1', down = [], turn = 0 }: SimulatedCluster = {}): ClusterStatus {
  const names = [...masters, ...Array.from({ length: workers }, (_, index) => `w${index + 1}`)];
  const isDown = (name: string) => down.includes(name);
  const machine = (name: string, index: number): MachineStatus => ({
    name,
    roles: [masters.includes(name) ? 'master' : 'worker'],
    address: masters.includes(name) ? `192.0.2.${11 + index}` : `192.0.2.${20 + index}`,
    node: isDown(name) ? 'NotReady' : 'Ready',
    containerd: isDown(name) ? '' : 'active',
    kubelet: isDown(name) ? '' : (turn + index) % 7 === 6 ? 'activating' : 'active',
    apiserver: !masters.includes(name) || isDown(name) ? undefined : 200,
    balancer: isDown(name) || !masters.includes(name) ? undefined : 'active',
    backends: isDown(name) || !masters.includes(name) ? undefined : masters.map((master) => backend(master, isDown(master))),
    unreachable: isDown(name) ? 'ssh: connect to host port 22: No route to host' : undefined,
  });
  const living = masters.filter((name) => !isDown(name));
  const problems = down.map((name) => `${name} cannot be asked: ssh: connect to host port 22: No route to host`);
  return {
    cluster: 'rehearsal',
    scheme: 'vip-on-masters/haproxy',
    healthy: problems.length === 0,
    problems,
    endpoint: { address: '192.0.2.100', port: 6443, keptBy: 'one-machine', holders: [holder], answers: names, asked: names.length },
    machines: names.map(machine),
    etcd: {
      topology: 'stacked',
      members: masters.map((name) => ({
        name,
        clientUrl: `https://${name}:2379`,
        learner: false,
        healthy: !isDown(name),
        leader: name === (living.includes('m2') ? 'm2' : living[0]),
      })),
      voters: 3,
      healthy: living.length,
      quorum: 2,
      spare: Math.max(0, living.length - 2),
    },
    leaders: [
      { of: 'kube-controller-manager', holder: 'm3', since: undefined, renewedSecondsAgo: 1, current: true, transitions: 2 },
      { of: 'kube-scheduler', holder: 'm1', since: undefined, renewedSecondsAgo: 1, current: true, transitions: 1 },
    ],
  };
}

function backend(name: string, down: boolean): NonNullable<MachineStatus['backends']>[number] {
  return { name, state: down ? 'DOWN' : 'UP', sinceSeconds: 60, lastCheck: down ? 'L4CON' : 'L7OK/200' };
}
