/**
 * `npm run demo`: four machines on this box, a highly available cluster on them, one machine powered off, and what clients saw.
 * Run it again at any time: it goes on with what is there.
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { labDirectories } from '../src/lab/lab-directories.ts';
import { enterLab } from '../src/lab/run-in-lab.ts';
import { packageRoot } from '../src/local/package-root.ts';
import { part, partTimes } from './parts.ts';
import { trivet, trivetOutput } from './trivet.ts';

const { values } = parseArgs({ options: { name: { type: 'string', default: 'demo' } } });
const name = values.name;
const file = labDirectories(name).clusterFile;

try {
  await demo();
} catch (error) {
  console.log(`\nThe demo did not finish: ${error instanceof Error ? error.message : String(error)}`);
  console.log(`Run it again to go on from here (npm run demo), or remove everything: ./trivet lab down --name ${name}`);
  process.exitCode = 1;
}

async function demo(): Promise<void> {
  const bundle = await part('Offline bundle: Kubernetes and packages', '15 to 20 min the first time, then seconds', () =>
    trivetOutput('bundle', 'create', '--from', 'modules'),
  );
  await part('Lab: three masters and a worker', '2 min the first time, then 15 s', () =>
    trivet('lab', 'up', '--name', name, '--masters', '3', '--workers', '1', '--bundle', bundle.trim()),
  );
  await part('A cluster from one command', '2 min the first time, then seconds', () => trivet('up', '-f', file, '-y'));
  const passed = await part('One master loses power', '2 min', () => rehearse());
  console.log(`\nTimes\n${partTimes().join('\n')}`);
  console.log(`
The cluster is still up. Look around:
  ./trivet status -f ${file}
  ./trivet lab ssh --name ${name} m1
  ./trivet kubeconfig -f ${file} > /tmp/${name}.conf
  ./trivet lab exec --name ${name} -- curl -k https://192.0.2.100:6443/livez
  ./trivet lab exec --name ${name} -- curl http://192.0.2.21:30080/
Pull another plug, and put it in again:
  ./trivet lab power off m2 --name ${name}
  ./trivet lab power on m2 --name ${name}
Remove it:
  ./trivet lab down --name ${name}`);
  if (!passed) process.exitCode = 1;
}

/** The part that talks to the cluster runs where the machines can be reached: in the lab's network namespace. */
async function rehearse(): Promise<boolean> {
  const argv = enterLab(name, [process.execPath, join(packageRoot(), 'demo/rehearsal.ts'), name, file]);
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 130));
  });
  if (code > 1) throw new Error('the rehearsal was stopped');
  return code === 0;
}
