/** `npm test`: the checks, then the end-to-end tests on the lab; its last line is `N passed, N failed`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../src/local/directories.ts';
import { packageRoot } from '../src/local/package-root.ts';
import { runChecks } from './checks.ts';
import { printLogs } from './logs.ts';
import { runLive } from './run-live.ts';
import { countTests, type TestCount } from './test-count.ts';

const root = packageRoot();
const started = new Date();

if (process.getuid?.() !== 0) {
  console.log('The lab tests need root: machines are systemd-nspawn containers with network namespaces and cgroups of their own.');
  console.log('Run npm test as root; npm run check needs no root and runs everything else.');
  process.exit(1);
}

console.log('— Checks and unit tests (usually 2 min)');
const unit = await runChecks();
const lab = await labTests();
if (unit.failed + lab.failed > 0) await printLogs(started);
if (unit.skipped + lab.skipped > 0) console.log(`${unit.skipped + lab.skipped} skipped`);
console.log(`${unit.passed + lab.passed} passed, ${unit.failed + lab.failed} failed`);
process.exitCode = unit.failed + lab.failed === 0 ? 0 : 1;

async function labTests(): Promise<TestCount> {
  console.log('— The offline bundle (15 to 20 min the first time, seconds after that)');
  if ((await runLive([join(root, 'trivet'), 'bundle', 'create', '--from', 'modules'], root)) !== 0) {
    console.log('FAILED making the bundle, without which there are no lab tests');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  console.log('— End-to-end tests on the lab (usually 40 min)');
  const logs = join(stateDirectory(), 'logs');
  mkdirSync(logs, { recursive: true });
  const report = join(logs, `lab-tests-${process.pid}.json`);
  const vitest = join(root, 'node_modules', '.bin', 'vitest');
  const code = await runLive(
    [vitest, 'run', '--project', 'lab', '--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`],
    root,
  );
  const count = await countTests(report);
  return code === 0 ? count : { ...count, failed: Math.max(1, count.failed) };
}
