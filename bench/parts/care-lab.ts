/** Machines for care: three with a stand-in for an apiserver each, and a node with the real executable; no Kubernetes. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { careExecutable } from '../../src/bundle/care-executable.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { switchNamespace } from '../../src/lab/lab-names.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { pullCable } from '../../src/lab/network.ts';
import { runTool } from '../../src/lab/run-tool.ts';
import type { Emit } from '../../src/model/event.ts';
import { copyTo } from '../../test/lab/parts/dataplane-on-machine.ts';
import { quiet } from './bench-lab.ts';
import { type CareBackend, startBackend } from './care-backend.ts';
import { type CareCertificates, makeCertificates } from './care-certificates.ts';
import { onMachine } from './on-machine.ts';

export const careNode = 'w1';
export const careMasters = ['m1', 'm2', 'm3'] as const;
export const careVip = '10.103.97.2';
/** Where the CA lies on the node. */
export const careCaFile = '/etc/care-lab/ca.pem';

export interface CareLab {
  readonly lab: Lab;
  readonly certificates: CareCertificates;
  /** Priorities are left alone. */
  readonly idle: boolean;
  /** Running ones; a backend that was killed comes back by restart. */
  readonly backend: (machine: string) => CareBackend;
  readonly restart: (machine: string) => Promise<CareBackend>;
  /** Not a frame of the machine arrives anywhere, and nobody says goodbye. */
  readonly cutOff: (machine: string) => Promise<void>;
  readonly plugIn: (machine: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface CareLabInput {
  readonly name: string;
  /** Beside those that care needs. */
  readonly packages?: readonly string[];
  /** Leave all priorities alone: others are at work on this box. */
  readonly idle?: boolean;
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
}

const shape = { masters: 3, workers: 1, etcd: 0, lb: 0, lbKernel: 'shared' } as const;
const needed = ['conntrack', 'curl', 'iproute2', 'nftables'];
export const httpsPort = 6443;
/** Plain HTTP, for latencies. */
export const plainPort = 8080;

/** An earlier lab of the name is removed first. */
export async function openCareLab({ name, packages = [], idle = false, emit = quiet, signal }: CareLabInput): Promise<CareLab> {
  const scratch = await mkdtemp(join(tmpdir(), 'trivet-care-lab-'));
  const backends = new Map<string, CareBackend>();
  const close = async () => {
    await Promise.all([...backends.values()].map((backend) => backend.close()));
    await labDown(name, { emit });
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    const executable = await careExecutable({ emit, ...(signal && { signal }) });
    await labDown(name, { emit, ...(signal && { signal }) });
    const all = [...new Set([...needed, ...packages])].sort();
    const { lab } = await labUp({ name, shape, packages: all, emit, ...(signal && { signal }) });
    const ips = lab.machines.map(({ address }) => address);
    const certificates = await makeCertificates(join(scratch, 'pki'), [...ips, careVip, '10.103.97.3', '127.0.0.1']);
    await copyTo(name, careNode, executable.path, '/usr/local/bin/trivet');
    await onMachine(lab, careNode, 'mkdir -p /etc/care-lab');
    await copyTo(name, careNode, certificates.caFile, careCaFile);
    await copyTo(name, careNode, certificates.otherCaFile, '/etc/care-lab/other-ca.pem');
    const start = async (machine: string): Promise<CareBackend> => {
      await backends.get(machine)?.close();
      const ip = lab.machines.find((one) => one.name === machine)?.address ?? '';
      const { key, cert } = certificates;
      const plan = { name: machine, ip, ports: [httpsPort], plainPorts: [plainPort], key, cert, idle };
      const backend = await startBackend(name, machine, plan);
      backends.set(machine, backend);
      return backend;
    };
    for (const machine of careMasters) await start(machine);
    return {
      lab,
      certificates,
      idle,
      backend: (machine) => {
        const found = backends.get(machine);
        if (found === undefined) throw new Error(`there is no backend on ${machine}`);
        return found;
      },
      restart: start,
      cutOff: (machine) => pullCable(name, machine),
      plugIn: async (machine) => void (await runTool(['ip', '-n', switchNamespace(name), 'link', 'set', machine, 'up'])),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
