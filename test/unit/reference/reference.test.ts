/** docs/reference/ is made from the code. `TRIVET_UPDATE_GOLDEN=1 npx vitest run test/unit/reference` writes it anew. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSchemes, everyFault, type Outcome, type SchemeDescription } from '../../../src/cli/describe-schemes.ts';
import { packageRoot } from '../../../src/local/package-root.ts';
import { failureCodes } from '../../../src/model/failure-codes.ts';
import type { Sequence } from '../../../src/model/phase.ts';
import { reset } from '../../../src/sequences/reset.ts';
import { up } from '../../../src/sequences/up.ts';

function expectDocument(name: string, text: string): void {
  const path = join(packageRoot(), 'docs', 'reference', name);
  if (process.env.TRIVET_UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(readFileSync(path, 'utf8')).toBe(text);
}

test('failures.md lists every failure code with its meaning', () => {
  const rows = Object.entries(failureCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  expectDocument(
    'failures.md',
    `# Failure codes\n\nPermanent: never renamed, never reused.\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n`,
  );
});

test('phases.md lists the sequences with their phases', () => {
  expectDocument(
    'phases.md',
    `# Sequences and their phases\n\nFor \`--from\` and \`--only\`. Phases on one line run side by side.\n\n${[up, reset].map(sequenceText).join('\n')}`,
  );
});

const outcomeWords: Readonly<Record<Outcome, string>> = {
  survived: 'yes',
  'not-survived': '**no**',
  'not-there': '–',
  unknown: 'yours to say',
};

test('schemes.md lists every scheme with what it survives, does not survive and costs', () => {
  const schemes = describeSchemes();
  const rows = schemes.map(
    ({ variant, outcomes }) => `| \`${variant}\` | ${outcomes.map(({ outcome }) => outcomeWords[outcome]).join(' | ')} |`,
  );
  expectDocument(
    'schemes.md',
    `# Schemes

What \`trivet schemes\` shows. "–": there is nothing that this could happen to. Which one for whom: [../schemes.md](../schemes.md).

| survives | ${everyFault.map(({ briefly }) => briefly).join(' | ')} |
|---|${everyFault.map(() => '---|').join('')}
${rows.join('\n')}

${schemes.map(schemeText).join('\n')}`,
  );
});

function schemeText({ variant, file, summary, costs }: SchemeDescription): string {
  return `## ${variant}\n${summary}\n\n    scheme: ${file}\n\nCosts:\n${costs.map((cost) => `- ${cost}\n`).join('')}`;
}

function sequenceText({ name, summary, stages }: Sequence): string {
  const lines = stages.map(
    (phases, index) =>
      `${index + 1}. ${phases.map((phase) => `**${phase.name}**: ${phase.summary} (usually ${phase.usualSeconds} s)`).join('; ')}`,
  );
  return `## trivet ${name}\n${summary}\n\n${lines.join('\n')}\n`;
}
