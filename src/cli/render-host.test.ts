/** render: the same files as up writes, with and without the machines, and no secret in them. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeBundle } from '../../test/fake-machine/fake-bundle.ts';
import { fakeCluster } from '../../test/fake-machine/fake-cluster.ts';
import { kubernetesMachine } from '../../test/fake-machine/kubernetes-answers.ts';
import { bind, clusterFile, rehearse, specOf } from '../../test/fake-machine/rehearsal.ts';
import type { Bundle } from '../model/bundle.ts';
import type { ReadFact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import { up } from '../sequences/up.ts';
import { renderHost } from './render-host.ts';
import { chooseFiles, renderText } from './render-text.ts';

const examples = join(import.meta.dirname, '../../examples');
const names = (await readdir(examples)).filter((name) => name.endsWith('.yaml'));
let directory = '';
let bundle: Bundle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trivet-render-'));
  bundle = await fakeBundle(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const threeMasters = () => bind(specOf(clusterFile({ masters: 3, workers: 1 })), undefined);

async function rendered(name: string, cluster = threeMasters(), ask?: ReadFact) {
  const host = cluster.hosts.find((candidate) => candidate.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return renderHost({ sequence: up, cluster, host, ask });
}

describe('renderHost', () => {
  test('what it shows is what up writes, when the machines answer', async () => {
    const cluster = bind(specOf(clusterFile({ masters: 3, workers: 1 })), bundle);
    const fake = fakeCluster();
    const machines = cluster.hosts.map((host) => kubernetesMachine({ cluster: fake, host }));
    const ask: ReadFact = async (host, fact) => {
      const machine = fake.machines.get(host.name);
      if (machine === undefined) throw new Error(host.name);
      return fact.parse(await machine.run(fact.argv));
    };
    const all = await Promise.all(machines.map(({ host }) => rendered(host.name, cluster, ask)));
    expect(all.flatMap(({ assumptions }) => assumptions)).toEqual([]);
    expect((await rehearse(up, cluster, machines)).error).toBeUndefined();
    for (const [index, { files }] of all.entries()) {
      for (const { path, phase, content, block, temporary } of files) {
        const written = machines[index]?.files.get(path)?.content;
        // Pod ranges are known once the nodes have joined.
        if (temporary) expect(written).toBeUndefined();
        else if (phase !== 'pod-network')
          expect(block === undefined ? [path, written] : [path, content]).toEqual([path, expect.stringContaining(content)]);
      }
    }
  });

  test.each(names)('examples/%s: every host, without a machine, twice the same, secrets hidden', async (name) => {
    const cluster = bind(specOf(await readFile(join(examples, name), 'utf8'), name), undefined);
    for (const host of cluster.hosts) {
      const first = await rendered(host.name, cluster);
      expect(first).toEqual(await rendered(host.name, cluster));
      expect(first.files.length).toBeGreaterThan(3);
      expect(JSON.stringify(first)).not.toMatch(/0{16}|made when needed|undefined/);
    }
  });

  test('a joining master: its configuration with «secret» in place of token and key', async () => {
    const { files } = await rendered('m2');
    const join = files.find(({ path }) => path === '/run/trivet/join.yaml');
    expect(join).toMatchObject({ phase: 'join-masters', mode: '0600', temporary: true });
    expect(join?.content).toMatch(/tlsBootstrapToken: "«secret»"/);
    expect(join?.content).toMatch(/certificateKey: "«secret»"/);
    expect(join?.content).toContain('advertiseAddress: 192.0.2.12');
  });

  test('without machines each assumption is told, with the phase that rests on it', async () => {
    const { assumptions } = await rendered('m1');
    expect(assumptions).toContainEqual({ phase: 'endpoint', text: 'm1: 192.0.2.100 belongs to its interface eth0' });
    expect(assumptions.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^m1, m2, m3, w1: control groups version 2/));
  });

  test('an interface that the host names is no assumption; a machine that fails to answer is one', async () => {
    const file = clusterFile({ masters: 3, workers: 0 }).replace('roles: [master] }', 'roles: [master], interface: ens7 }');
    const ask: ReadFact = async () => Promise.reject(new Failure('CONNECTION_REFUSED', 'off'));
    const { assumptions, files } = await rendered('m1', bind(specOf(file), undefined), ask);
    expect(assumptions.some(({ text }) => text.includes('interface'))).toBe(false);
    expect(files.find(({ path }) => path === '/etc/keepalived/keepalived.conf')?.content).toContain('interface ens7');
  });
});

test('chooseFiles and renderText: a phase, a path, or nothing; every file under its path and mode', async () => {
  const result = await rendered('m1');
  expect(chooseFiles(result.files, 'machine').map(({ path }) => path)).toContain('/etc/hosts');
  expect(chooseFiles(result.files, '/etc/hosts')).toHaveLength(1);
  expect(chooseFiles(result.files, 'nonsense')).toEqual([]);
  const text = renderText(result, '--offline');
  expect(text).toMatch(/^# ASSUMED for m1 \(--offline\):\n# {3}runtime: m1: control groups/);
  expect(text).toContain('==> /etc/keepalived/keepalived.conf <==  0600 root:root  (endpoint)\n');
  expect(text).toContain('==> /etc/hosts <==  block "trivet cluster", the rest of the file stays  (machine)\n');
});
