/** What every scheme must hold to, whatever it puts on its machines. A scheme's own test calls this with its example. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { schemeOf } from '../../src/cli/choices.ts';
import type { ReadFact } from '../../src/model/fact.ts';
import type { Host } from '../../src/model/host.ts';
import type { Sequence } from '../../src/model/phase.ts';
import { reveal } from '../../src/model/secret.ts';
import type { FileAction, Step } from '../../src/model/step.ts';
import { endpoint } from '../../src/phases/endpoint.ts';
import { machine } from '../../src/phases/machine.ts';
import { reset } from '../../src/sequences/reset.ts';
import { fakeCluster } from '../fake-machine/fake-cluster.ts';
import type { FakeMachine } from '../fake-machine/fake-machine.ts';
import { kubernetesMachine } from '../fake-machine/kubernetes-answers.ts';
import { bind, rehearse, specOf, visible } from '../fake-machine/rehearsal.ts';
import { inSandbox } from '../fake-machine/sandbox.ts';
import { expectGolden } from './golden-file.ts';

export interface SchemeContractInput {
  /** Name of a file in examples/ that uses the scheme. */
  readonly example: string;
  /** The variant that it must bind to: vip-on-masters/haproxy. */
  readonly variant: string;
  /** Hosts whose files are compared with test/golden/VARIANT/HOST/…: enough to see what differs between them. */
  readonly goldenHosts: readonly string[];
  /** Why the scheme puts nothing anywhere; undefined: it does. */
  readonly putsNothing?: string;
}

const onlyTheScheme: Sequence = { name: 'up', summary: '', stages: [[machine], [endpoint]] };

export function schemeContract({ variant, example, goldenHosts, putsNothing }: SchemeContractInput): void {
  const text = readFileSync(join(import.meta.dirname, '../../examples', example), 'utf8');
  const scheme = schemeOf(specOf(text, example).schemeOptions);

  const prepare = () => {
    const cluster = bind(specOf(text, example), undefined);
    const fake = fakeCluster();
    const shell = { real: false };
    const machines = cluster.hosts.map((host) =>
      kubernetesMachine({
        cluster: fake,
        host,
        packages: ['dpkg', ...scheme.packages(cluster, host)],
        answers: [(argv, self, stdin) => (shell.real ? inSandbox(argv, self, stdin) : undefined)],
      }),
    );
    const plan = (host: Host) => scheme.plan({ cluster, host, read: reader(machines) });
    const remove = () => {
      shell.real = true;
      return rehearse(reset, cluster, machines);
    };
    return { cluster, machines, plan, remove };
  };

  const everyPlan = async () => {
    const { cluster, plan } = prepare();
    return Promise.all(scheme.hosts(cluster).map(async (host) => ({ host, steps: await plan(host) })));
  };

  describe(`the scheme ${variant}`, () => {
    test('its example parses, names it, and gives it hosts of the cluster', () => {
      const { cluster } = prepare();
      expect(cluster.schemeOptions.kind).toBe(scheme.name);
      expect(scheme.variant).toBe(variant);
      expect(scheme.hosts(cluster).length > 0).toBe(putsNothing === undefined);
      expect(cluster.hosts).toEqual(expect.arrayContaining([...scheme.hosts(cluster)]));
      expect(scheme.survives.length).toBeGreaterThan(0);
    });

    test('planning is deterministic', async () => {
      expect(JSON.stringify(await everyPlan())).toBe(JSON.stringify(await everyPlan()));
    });

    test('its steps are named for the phase, once each, on the host asked for; what a file restarts is brought up after it', async () => {
      for (const { host, steps } of await everyPlan()) {
        expect(new Set(steps.map((step) => step.id)).size).toBe(steps.length);
        for (const [index, step] of steps.entries()) {
          expect(step).toMatchObject({ host: host.name, id: expect.stringMatching(/^endpoint\/[a-z0-9-]+$/) });
          const restarts = step.action.kind === 'file' ? step.action.restarts : undefined;
          if (restarts === undefined) continue;
          const later = steps.slice(index).map(({ action }) => (action.kind === 'service' ? action.unit : undefined));
          expect(later).toContain(restarts);
        }
      }
    });

    test('every shell program that it writes is one for sh', async () => {
      for (const { steps } of await everyPlan()) {
        for (const { content, path } of filesOf(steps)) {
          if (!reveal(content).startsWith('#!/bin/sh')) continue;
          expect([path, spawnSync('sh', ['-n'], { input: reveal(content), encoding: 'utf8' }).stderr]).toEqual([path, '']);
        }
      }
    });

    test('a second apply changes nothing', async () => {
      const { cluster, machines } = prepare();
      expect((await rehearse(onlyTheScheme, cluster, machines)).error).toBeUndefined();
      for (const one of machines) one.changes.length = 0;
      expect((await rehearse(onlyTheScheme, cluster, machines)).result?.changed).toBe(0);
      expect(machines.flatMap((one) => one.changes)).toEqual([]);
    });

    test('remove restores', async () => {
      const { cluster, machines, remove } = prepare();
      const before = machines.map(visible);
      await rehearse(onlyTheScheme, cluster, machines);
      expect(machines.map(visible)).not.toEqual(before);
      expect((await remove()).error).toBeUndefined();
      expect(machines.map(visible)).toEqual(before);
    }, 60_000);

    test.each(goldenHosts)('the files of %s equal the golden ones', async (name) => {
      const steps = (await everyPlan()).find(({ host }) => host.name === name)?.steps ?? [];
      expect(filesOf(steps).length).toBeGreaterThan(0);
      for (const { path, content } of filesOf(steps)) expectGolden(`${scheme.variant}/${name}/${goldenName(path)}`, reveal(content));
    });
  });
}

function filesOf(steps: readonly Step[]): readonly FileAction[] {
  return steps.flatMap(({ action }) => (action.kind === 'file' ? [action] : []));
}

/** A drop-in keeps its unit's name: keepalived.service.d-10-trivet.conf. */
function goldenName(path: string): string {
  const parent = basename(join(path, '..'));
  return parent.endsWith('.d') ? `${parent}-${basename(path)}` : basename(path);
}

function reader(machines: readonly FakeMachine[]): ReadFact {
  return async (host, fact) => {
    const found = machines.find((candidate) => candidate.host.name === host.name);
    if (found === undefined) throw new Error(`no machine ${host.name}`);
    return fact.parse(await found.run(fact.argv));
  };
}
