/** An external etcd as far as trivet uses it: its user, its certificates by kubeadm, its members as units, etcdctl. */

import { parseAllDocuments } from 'yaml';
import { foreignEtcdState } from '../../src/facts/foreign-etcd-state.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { hasCertificates, makeAuthorityScript, makeCertificatesScript } from '../../src/render/etcd-certificates.ts';
import {
  etcdClientDirectory,
  etcdConfigPath,
  etcdDataDirectory,
  etcdKubeadmPath,
  etcdPki,
  etcdUnit,
  etcdUser,
} from '../../src/render/etcd-paths.ts';
import { type FakeCluster, runs } from './fake-cluster.ts';
import type { Answer, FakeMachine } from './fake-machine.ts';

type Result = Partial<RunResult>;

export function etcdAnswers(cluster: FakeCluster): Answer {
  return (argv, machine) => {
    const [program, flags, script = ''] = argv;
    const line = argv.join(' ');
    if (program === 'useradd') return addUser(machine, argv.at(-1) ?? '');
    if (program === 'getent' && flags === 'passwd') return { code: hasUser(machine, script) ? 0 : 2 };
    if (program === 'cat' && argv.length === 3 && line.includes(etcdPki)) return catBoth(machine, argv.slice(1));
    if (program === 'install' && argv.at(-1) === etcdDataDirectory) return makeData(machine);
    if (script === makeAuthorityScript) return makePairs(machine, ['etcd/ca']);
    if (script === makeCertificatesScript(true)) return makeCertificates(machine, true);
    if (script === makeCertificatesScript(false)) return makeCertificates(machine, false);
    if (line === foreignEtcdState.argv.join(' ')) return foreignState(machine);
    if (program !== 'sh') return undefined;
    if (script.includes(`stat -c '%U %a' ${etcdDataDirectory}`)) return { code: machine.files.has(dataMark) ? 0 : 1 };
    if (script.includes(' get /registry/ --prefix --limit=1 ')) return { code: serves(cluster, machine, script) ? 0 : 1 };
    if (script.includes('endpoint health')) return { code: serves(cluster, machine, script) ? 0 : 1 };
    if (script.includes(' member list -w json')) return serves(cluster, machine, script) ? { stdout: memberList(cluster) } : { code: 1 };
    if (script.includes('> /var/lib/trivet/etcd-cluster.new')) return note(cluster, machine, script);
    return undefined;
  };
}

/** Stands for the directory itself. */
const dataMark = `${etcdDataDirectory}/.directory`;

function addUser(machine: FakeMachine, user: string): Result {
  machine.put('/etc/passwd', { content: `${machine.files.get('/etc/passwd')?.content ?? ''}${user}:x:998\n` });
  return {};
}

function hasUser(machine: FakeMachine, user: string): boolean {
  return (machine.files.get('/etc/passwd')?.content ?? '').includes(`${user}:`);
}

function catBoth(machine: FakeMachine, paths: readonly string[]): Result {
  const files = paths.map((path) => machine.files.get(path)?.content);
  return { code: files.includes(undefined) ? 1 : 0, stdout: files.join('') };
}

function makeData(machine: FakeMachine): Result {
  if (!hasUser(machine, etcdUser)) return { code: 1, stderr: 'install: invalid user\n' };
  machine.put(dataMark, { owner: `${etcdUser}:${etcdUser}` });
  return {};
}

/** A key names its certificate, and a certificate the CA that it is from. */
function makePairs(machine: FakeMachine, names: readonly string[], issuer = `of ${machine.host.name}`): Result {
  const kubeadm = machine.files.get('/usr/local/bin/kubeadm')?.target ?? '';
  const kinds = parseAllDocuments(machine.files.get(etcdKubeadmPath)?.content ?? '').map((document) => document.get('kind'));
  if (!machine.files.has(kubeadm) || !kinds.includes('ClusterConfiguration'))
    return { code: 1, stderr: 'kubeadm or its configuration is missing\n' };
  for (const name of names) {
    if (machine.files.has(`${etcdPki}/${name}.crt`)) continue;
    machine.put(`${etcdPki}/${name}.crt`, { content: `certificate ${name} ${issuer}\n` });
    machine.put(`${etcdPki}/${name}.key`, {
      content: `-----BEGIN RSA PRIVATE KEY-----\n${name} ${issuer}\n-----END RSA PRIVATE KEY-----\n`,
      mode: 0o600,
    });
  }
  return {};
}

function makeCertificates(machine: FakeMachine, forClients: boolean): Result {
  const ca = authorityOf(machine);
  if (ca === undefined || !hasUser(machine, etcdUser) || hasCertificates(forClients) === '')
    return { code: 1, stderr: 'no CA, or no user\n' };
  const names = ['etcd/server', 'etcd/peer', ...(forClients ? ['apiserver-etcd-client'] : []), 'etcd/healthcheck-client'];
  return makePairs(machine, names, `by ${ca}`);
}

function authorityOf(machine: FakeMachine): string | undefined {
  return /^certificate etcd\/ca of (\S+)$/m.exec(machine.files.get(`${etcdPki}/etcd/ca.crt`)?.content ?? '')?.[1];
}

/** Members whose unit runs on their data, with certificates of one CA. */
function running(cluster: FakeCluster): readonly FakeMachine[] {
  return [...cluster.machines.values()].filter(
    (machine) => runs(machine, etcdUnit) && machine.files.has(dataMark) && machine.files.has(`${etcdPki}/etcd/server.crt`),
  );
}

/** What kubeadm asks before it begins: the files that its configuration names, and an etcd that takes them. */
export function etcdServes(cluster: FakeCluster, machine: FakeMachine, config: string): boolean {
  const path = (key: string) => new RegExp(`${key}: (\\S+)`).exec(config)?.[1] ?? '';
  const files = ['caFile', 'certFile', 'keyFile'].map(path);
  return files.every((file) => machine.files.has(file)) && serves(cluster, machine, `--cert=${path('certFile')}`);
}

/** A quorum runs, and the files by which etcdctl asks are there and from the members' CA. */
function serves(cluster: FakeCluster, machine: FakeMachine, script: string): boolean {
  const cert = /--cert=(\S+)/.exec(script)?.[1] ?? '';
  const [, issuer] = /by (\S+)$/m.exec(machine.files.get(cert)?.content ?? '') ?? [];
  if (cluster.foreignEtcd !== undefined) return machine.files.has(`${etcdClientDirectory}/client.key`) && machine.files.has(cert);
  const up = running(cluster);
  const founders = /^initial-cluster: (.*)$/m.exec(up[0]?.files.get(etcdConfigPath)?.content ?? '')?.[1]?.split(',') ?? [];
  const quorum = Math.floor(founders.length / 2) + 1;
  const mine = script.includes(`--endpoints=https://${machine.host.internalAddress}:2379`) || script.includes('https://127.0.0.1:2379');
  if (mine && !up.includes(machine)) return false;
  return founders.length > 0 && up.length >= quorum && up.every((member) => authorityOf(member) === issuer);
}

function memberList(cluster: FakeCluster): string {
  const up = running(cluster);
  const members = up.map(({ host }, index) => ({ ID: index + 1, name: host.name, clientURLs: [`https://${host.internalAddress}:2379`] }));
  const statuses = members.map(({ ID }) => ({ Status: { header: { member_id: ID }, leader: 1 } }));
  return `${JSON.stringify({ members })}\n${JSON.stringify(statuses)}\n`;
}

function foreignState(machine: FakeMachine): Result {
  const completed = machine.files.has('/var/lib/trivet/completed') ? 'completed\n' : '';
  return { stdout: `${completed}${machine.files.get('/var/lib/trivet/etcd-cluster')?.content ?? ''}` };
}

function note(cluster: FakeCluster, machine: FakeMachine, script: string): Result {
  if (!serves(cluster, machine, script)) return { code: 1, stderr: 'context deadline exceeded\n' };
  const keys = cluster.foreignEtcd?.keys ?? 0;
  if (script.includes('keys of another Kubernetes') && keys > 0)
    return { code: 1, stdout: `etcd has ${keys} keys of another Kubernetes\n` };
  machine.put('/var/lib/trivet/etcd-cluster', { content: '14841639068965178418\n' });
  return {};
}
