/** What `npm run check` runs, one after another: types, lint, format and import rules, dead code, unit tests. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { stateDirectory } from '../src/local/directories.ts';
import { packageRoot } from '../src/local/package-root.ts';
import { runLocal } from '../src/local/run-local.ts';
import { countTests, type TestCount } from './test-count.ts';

/** Runs all checks, whatever the earlier ones find. Checks that are no tests count as failures only. */
export async function runChecks(): Promise<TestCount> {
  const root = packageRoot();
  const logs = join(stateDirectory(), 'logs');
  mkdirSync(logs, { recursive: true });
  const report = join(logs, `unit-tests-${process.pid}.json`);
  const bin = (name: string) => join(root, 'node_modules', '.bin', name);
  const checks = [
    { name: 'types', usualSeconds: 3, argv: [bin('tsc')] },
    { name: 'types of the report’s page', usualSeconds: 2, argv: [bin('tsc'), '-p', 'src/drill/report/page'] },
    { name: 'types of the dashboard’s page', usualSeconds: 2, argv: [bin('tsc'), '-p', 'src/dashboard/page'] },
    { name: 'lint, format, import rules', usualSeconds: 2, argv: [bin('biome'), 'check', '--error-on-warnings', '.'] },
    { name: 'dead code', usualSeconds: 4, argv: [bin('knip'), '--no-progress'] },
    {
      name: 'unit tests',
      usualSeconds: 75,
      argv: [bin('vitest'), 'run', '--project', 'unit', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`],
      report,
    },
  ];
  let total: TestCount = { passed: 0, failed: 0, skipped: 0 };
  for (const check of checks) {
    const count = await runCheck(check, root);
    total = { passed: total.passed + count.passed, failed: total.failed + count.failed, skipped: total.skipped + count.skipped };
  }
  return total;
}

interface Check {
  readonly name: string;
  readonly usualSeconds: number;
  readonly argv: readonly string[];
  readonly report?: string;
}

async function runCheck(check: Check, root: string): Promise<TestCount> {
  const started = performance.now();
  const result = await runLocal(check.argv, { cwd: root, env: { NO_COLOR: '1', FORCE_COLOR: undefined } });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = result.code === 0;
  const tests = check.report === undefined ? undefined : await countTests(check.report);
  const count = tests ?? { passed: 0, failed: 0, skipped: 0 };
  console.log(
    `${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s, usually ${check.usualSeconds} s)${tests === undefined ? '' : `: ${tests.passed} passed, ${tests.failed} failed`}`,
  );
  if (ok) return count;
  console.log(`${result.stdout}${result.stderr}`.trimEnd());
  return { ...count, failed: Math.max(1, count.failed) };
}
