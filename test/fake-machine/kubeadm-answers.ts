/** The command lines by which trivet calls kubeadm. */

import { randomBytes } from 'node:crypto';
import { certificateKey, joinToken } from '../../src/facts/join-secrets.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { type FakeCluster, serves } from './fake-cluster.ts';
import { kubeadmInit, kubeadmJoin } from './fake-kubeadm.ts';
import type { Answer, FakeMachine } from './fake-machine.ts';

const joinFile = '/run/trivet/join.yaml';

export function kubeadmAnswers(cluster: FakeCluster): Answer {
  return (argv, machine, stdin) => {
    const line = argv.join(' ');
    if (line === joinToken.argv.join(' ')) return onMaster(cluster, machine, () => newToken(cluster));
    if (line === certificateKey('').argv.join(' ')) return onMaster(cluster, machine, () => uploadCerts(cluster, stdin));
    const [program, verb, third = '', ...rest] = argv;
    if (program === 'sh' && verb === '-ec' && third.includes('kubeadm init')) return runInitScript(cluster, machine, third);
    if (program === 'sh' && verb === '-c' && third.startsWith(`kubeadm join phase preflight --config ${joinFile} && touch `)) {
      const result = needPrograms(machine) ?? kubeadmJoin(cluster, machine, 'preflight', joinFile);
      if (result.code === undefined) machine.put(third.slice(third.lastIndexOf(' ') + 1), {});
      return result;
    }
    if (program !== 'kubeadm' || verb !== 'join' || !line.includes(`--config ${joinFile}`)) return undefined;
    if (third === 'phase') {
      return needPrograms(machine) ?? kubeadmJoin(cluster, machine, rest.slice(0, rest.indexOf('--config')).join(' '), joinFile);
    }
    return rest.at(-1)?.startsWith('--skip-phases=preflight,') === true
      ? (needPrograms(machine) ?? kubeadmJoin(cluster, machine, 'finish', joinFile))
      : undefined;
  };
}

/** The script: init with the checks left out when files of an earlier one are there, then the mark. */
function runInitScript(cluster: FakeCluster, machine: FakeMachine, script: string): Partial<RunResult> {
  const config = /kubeadm init --config (\S+) /.exec(script)?.[1] ?? '';
  const mark = /^touch (\S+)$/m.exec(script)?.[1] ?? '';
  const again = script.includes('again=--ignore-preflight-errors=all') && machine.files.has('/etc/kubernetes/pki/ca.crt');
  const result = needPrograms(machine) ?? kubeadmInit(cluster, machine, config, again);
  if (result.code === undefined) machine.put(mark, {});
  return result;
}

/** kubeadm is a link into trivet's own directory, and the file behind it must be there. */
function needPrograms(machine: FakeMachine): Partial<RunResult> | undefined {
  const target = machine.files.get('/usr/local/bin/kubeadm')?.target ?? '';
  return machine.files.has(target) ? undefined : { code: 127, stderr: 'kubeadm: not found\n' };
}

function onMaster(cluster: FakeCluster, machine: FakeMachine, work: () => string): Partial<RunResult> {
  const may = machine.files.has('/etc/kubernetes/admin.conf') && serves(cluster);
  return may ? { stdout: `${work()}\n` } : { code: 1, stderr: 'the server is not reachable\n' };
}

function newToken(cluster: FakeCluster): string {
  const token = `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`;
  cluster.tokens.add(token);
  return token;
}

function uploadCerts(cluster: FakeCluster, documents: string): string {
  if (!documents.includes('@KEY@')) throw new Error('upload-certs: the key has no place in the configuration');
  const key = randomBytes(32).toString('hex');
  cluster.certificateKeys.push(key);
  return key;
}
