/** Whole sequences on fake machines: a cluster file's text becomes a bound cluster, its hosts bare machines, and runs are recorded. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { etcdOf, schemeOf } from '../../src/cli/choices.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { type RunSequenceInput, type RunSequenceResult, runSequence } from '../../src/engine/run-sequence.ts';
import type { Bundle } from '../../src/model/bundle.ts';
import type { CareExecutable, Cluster, ClusterSpec } from '../../src/model/cluster.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { EventBody } from '../../src/model/event.ts';
import type { Sequence } from '../../src/model/phase.ts';
import { Secret } from '../../src/model/secret.ts';
import { parseClusterFile } from '../../src/spec/parse-cluster-file.ts';
import { formatProblem } from '../../src/spec/problem.ts';
import { connectTo, type FakeMachine } from './fake-machine.ts';

/** Throws with all problems of the file. */
export function specOf(text: string, path = 'cluster.yaml'): ClusterSpec {
  const result = parseClusterFile(text, { path, directory: '/home/operator', home: '/home/operator' });
  if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.spec;
}

const fakeEtcdCertificates = { ca: 'the CA\n', certificate: 'a certificate\n', key: new Secret('the etcd’s key\n') };

const fakeExecutable = executable(join(import.meta.dirname, 'fake-trivet.sh'));

function executable(path: string): CareExecutable {
  const content = readFileSync(path);
  return { path, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

export function bind(spec: ClusterSpec, bundle: Bundle | undefined): Cluster {
  const manifest = spec.network.podNetwork.kind === 'manifest' ? '# the user’s own pod network\n' : undefined;
  return {
    ...spec,
    scheme: schemeOf(spec.schemeOptions),
    etcd: etcdOf(spec, fakeEtcdCertificates),
    openBundle: bundle,
    careExecutable: fakeExecutable,
    podNetworkManifest: manifest,
  };
}

export interface Rehearsal {
  /** undefined: it failed. */
  readonly result: RunSequenceResult | undefined;
  readonly error: unknown;
  readonly events: readonly EventBody[];
  /** `m1 machine/hosts` for each step that came to the state. */
  readonly steps: (state: 'planned' | 'unchanged' | 'changed' | 'failed') => readonly string[];
}

export async function rehearse(
  sequence: Sequence,
  cluster: Cluster,
  machines: readonly Connection[],
  more: Partial<RunSequenceInput> = {},
): Promise<Rehearsal> {
  const events: EventBody[] = [];
  const run = runSequence({
    sequence,
    cluster,
    connect: connectTo(...machines),
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    mode: 'apply',
    operator: 'tester@here',
    clock: hastyClock(),
    ...more,
  });
  const [settled] = await Promise.allSettled([run]);
  return {
    result: settled.status === 'fulfilled' ? settled.value : undefined,
    error: settled.status === 'rejected' ? settled.reason : undefined,
    events,
    steps: (state) => events.flatMap((event) => (event.kind === 'step' && event.state === state ? [`${event.host} ${event.step}`] : [])),
  };
}

/** Time passes by sleeping only. */
function hastyClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** What a machine is to its users: everything but trivet's own notes and what lies in memory only. */
export function visible(machine: FakeMachine) {
  const files = [...machine.files].filter(([path]) => !/^\/(var\/lib\/trivet|run|proc|var\/log\/trivet)\//.test(path)).sort();
  const units = [...machine.units.keys()].filter((name) => machine.units.get(name) !== undefined).sort();
  return {
    files: Object.fromEntries(
      files.map(([path, { content, mode, owner, target }]) => [
        path,
        { content, mode, owner, ...(target === undefined ? {} : { target }) },
      ]),
    ),
    units: Object.fromEntries(
      units.map((name) => [name, { enabled: machine.units.get(name)?.enabled, active: machine.units.get(name)?.active }]),
    ),
    packages: [...machine.packages].sort(),
  };
}

/** The text of a cluster file of so many masters and workers at 192.0.2.11… and 192.0.2.21…, with the VIP 192.0.2.100. */
export function clusterFile({ masters, workers, name = 'rehearsal' }: { masters: number; workers: number; name?: string }): string {
  const list = (prefix: string, count: number, from: number, role: string) =>
    Array.from(
      { length: count },
      (_, index) => `    - { name: ${prefix}${index + 1}, address: 192.0.2.${from + index}, roles: [${role}] }\n`,
    ).join('');
  return `apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: { name: ${name} }
spec:
  kubernetes: { version: v1.34.4 }
  controlPlaneEndpoint: { address: 192.0.2.100 }
  hosts:
${list('m', masters, 11, 'master')}${list('w', workers, 21, 'worker')}`;
}
