/** One case of the matrix as tests: up, up again, each loss measured and healed, reset; what it found is written down. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MatrixResult } from '../../../bench/parts/matrix-result.ts';
import { surroundings } from '../../../bench/parts/surroundings.ts';
import { variantName, variantSlug } from '../../../bench/parts/variant.ts';
import { stateDirectory } from '../../../src/local/directories.ts';
import { outputOf, trivetOk } from '../on-lab.ts';
import { balancerByHand } from './balancer-by-hand.ts';
import { foundByDiscovery } from './care-discovery.ts';
import { careAsStaticPod } from './care-static-pod.ts';
import { leftOn, packageVersions, whatTheMachinesSay } from './machine-words.ts';
import type { Loss, MatrixCase } from './matrix-cases.ts';
import { type CaseLab, caseLab } from './matrix-lab.ts';
import { lossUnderClients } from './matrix-loss.ts';

/** Where results go; `npm run test:matrix` names bench/results/matrix. */
const results = process.env.TRIVET_MATRIX_RESULTS ?? join(stateDirectory(), 'matrix');

/** Whether the machines are as new; otherwise the next case begins with others. */
let clean = false;

export function matrixCase(name: string, theCase: MatrixCase): void {
  const { scheme, proxy } = theCase;
  const slug = variantSlug(theCase);
  const title = variantName(theCase);
  describe(title, () => {
    let result: MatrixResult;
    let machines: CaseLab;

    /** A step of the case; after one that failed the others are not tried. */
    function step(what: string, work: () => Promise<void>): void {
      test(what, async ({ skip }) => {
        if (result?.failed !== undefined) skip(`${result.failed.step} failed`);
        const started = performance.now();
        try {
          await work();
          result.seconds[what] = Number(((performance.now() - started) / 1000).toFixed(1));
        } catch (error) {
          clean = false;
          result ??= await emptyResult(theCase);
          result.failed = { step: what, why: reasonOf(error) };
          if (machines !== undefined) console.log(await whatTheMachinesSay(machines.lab));
          throw error;
        }
      });
    }

    step('machines', async () => {
      result = await emptyResult(theCase);
      machines = await caseLab(name, theCase, clean);
      clean = false;
      if (scheme === 'external') await balancerByHand(machines.lab);
    });

    if (theCase.grows === true) {
      step('up with one master', async () => {
        await trivetOk('up', '-f', machines.oneMaster, '-y');
      });
    }

    step(theCase.grows === true ? 'up with three masters' : 'up', async () => {
      await trivetOk('up', '-f', machines.file, '-y');
      result.packages = await packageVersions(machines.lab);
    });

    step('up again changes nothing', async () => {
      const { changed } = JSON.parse(await trivetOk('up', '-f', machines.file, '-y', '-o', 'json'));
      result.changedAgain = changed;
      expect(changed).toBe(0);
      expect(JSON.parse(await trivetOk('plan', '-f', machines.file, '-o', 'json')).steps).toEqual([]);
    });

    if (scheme === 'local-care') {
      step('masters that a worker was not told of are found', async () => {
        const { backends } = await foundByDiscovery(machines.lab.name);
        const found = backends.map(({ address, source }) => `${address} ${source}`).toSorted();
        expect(found).toEqual(['192.0.2.11:6443 static', '192.0.2.12:6443 discovered', '192.0.2.13:6443 discovered']);
      });
    }

    if (theCase.backend === 'nft') {
      step('care as a static pod serves the worker as well', async () => {
        const all = ['UP', 'UP', 'UP'];
        const found = { inPods: true, began: all, cut: ['UP', 'DOWN', 'UP'], healed: all, startedAgain: true };
        expect(await careAsStaticPod(machines.lab.name)).toEqual(found);
      });
    }

    for (const loss of theCase.losses) {
      step(lossTitle(theCase, loss), async () => {
        const found = await lossUnderClients({ ...machines, variant: theCase, loss });
        result.losses.push(found);
        for (const place of [found.outside, found.worker]) {
          expect(place.gaps['new connections']?.gapMs, `new connections, ${place.from}`).toBeLessThan(10_000);
          expect(place.gaps['reused connection']?.gapMs, `reused connection, ${place.from}`).toBeLessThan(20_000);
          expect(place.watch, `watches, ${place.from}`).toMatchObject({ allMoved: true });
        }
        expect(found.acknowledged).toBeGreaterThan(20);
        expect(found.lost).toEqual([]);
        // A balancer that lives on and checks its servers does not leave it to the client.
        const cutter = (proxy === 'haproxy' || theCase.backend !== undefined) && loss === 'master' ? found.worker.watch : undefined;
        if (cutter !== undefined) expect(cutter.slowestCutOnVictimMs ?? 0).toBeLessThan(5000);
      });
    }

    step('reset leaves nothing', async () => {
      // Pods that are just being started when kubelet ends are in no list of what is to be ended.
      await outputOf(machines.lab.name, 'm1', `${manyPods}; sleep 1`);
      await trivetOk('reset', '-f', machines.file, '-y');
      for (const machine of machines.lab.machines) {
        // By hand, so not trivet's to take away.
        if (scheme === 'external' && machine.role === 'lb') continue;
        expect(await leftOn(machines.lab, machine.name), machine.name).toBe('');
      }
      clean = scheme !== 'external';
    });

    afterAll(async () => {
      await mkdir(results, { recursive: true });
      if (result !== undefined) await writeFile(join(results, `${slug}.json`), `${JSON.stringify(result, null, 2)}\n`);
    });
  });
}

const manyPods = 'kubectl --kubeconfig /etc/kubernetes/admin.conf create deployment burst --image trivet.dev/hello:v1 --replicas 20';

/** trivet's own word for it, or the first line of what was thrown. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^error .*$/m.exec(text)?.[0] ?? text.split('\n')[0] ?? '';
}

function lossTitle({ scheme, grows }: MatrixCase, loss: Loss): string {
  const after = grows === true ? ', after the masters changed' : '';
  if (loss === 'master') return `a master powered off${after}`;
  return scheme === 'external-pair'
    ? `the balancer with the address powered off${after}`
    : `the master with the address powered off${after}`;
}

async function emptyResult(theCase: MatrixCase): Promise<MatrixResult> {
  const { scheme, proxy, etcd, certificates, release } = theCase;
  return {
    case: variantName(theCase),
    scheme,
    ...(proxy === undefined ? {} : { proxy }),
    etcd: etcd ?? 'stacked',
    certificates: certificates ?? 'upload',
    release: release ?? 'trixie',
    kubernetes: 'v1.34.4',
    packages: {},
    on: await surroundings(),
    seconds: {},
    losses: [],
  };
}
