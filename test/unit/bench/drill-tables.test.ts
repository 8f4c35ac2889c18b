/** README's table of what each scheme survives: from recordings alone, up to date, and no claim refuted. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillEvidence } from '../../../bench/parts/drill-evidence.ts';
import { drillPage } from '../../../bench/parts/drill-page.ts';
import { type DrillResult, drillResultName, drillResultSchema, outcomeOf } from '../../../bench/parts/drill-result.ts';
import { chinese, type Evidence, english, refutedClaims, survivedTable } from '../../../bench/parts/survived-table.ts';
import { withTable } from '../../../bench/parts/with-table.ts';
import { readRecording } from '../../../src/drill/recording/read-recording.ts';
import { jsonReport } from '../../../src/drill/report/json-report.ts';
import { judged } from '../../../src/drill/report/judged.ts';

const root = join(import.meta.dirname, '../../..');
const on = { date: '2026-01-02T03:04:05Z', cores: 2, processor: 'cpu', memoryGiB: 24, kernel: '6.18', node: 'v24', commit: 'abc' };

/** As `--take` does it. */
async function taken(name: string): Promise<DrillResult> {
  const report = jsonReport([judged(await readRecording(join(root, 'src/drill/testdata', `${name}.ndjson`)))]);
  const { recordings } = drillResultSchema.parse(JSON.parse(JSON.stringify({ on, ...report })));
  const [recording] = recordings;
  if (recording === undefined) throw new Error('no recording');
  return { on, recording };
}

const [pass, over, lost, cut] = await Promise.all(['pass', 'over-budget', 'lost-write', 'truncated'].map(taken));
const recorded = await drillEvidence();

function cellOf(results: readonly (DrillResult | undefined)[], matrix: Evidence['matrix'] = []): string | undefined {
  const evidence = { ...recorded, matrix, results: results.filter((result) => result !== undefined) };
  const row = survivedTable(evidence, english)
    .split('\n')
    .find((line) => line.startsWith('| `vip-on-masters/none` |'));
  return row?.split(' | ')[1];
}

describe('survivedTable', () => {
  it('says of each claim what its drill showed, the worst first', () => {
    expect(cellOf([])).toBe('not yet measured');
    expect(cellOf([pass])).toBe('0.60 s');
    expect(cellOf([cut])).toBe('not yet measured');
    expect(cellOf([pass, over])).toBe('**over budget: 1.00 s**');
    expect(cellOf([over, lost, pass])).toBe('**refuted: 0.60 s**');
  });

  it('takes a power-off from the matrix where there is no drill of it, and marks it', () => {
    expect(cellOf([], recorded.matrix)).toMatch(/^\d\.\d\d s ᵐ$/);
    expect(cellOf([pass], recorded.matrix)).toBe('0.60 s');
  });

  it("takes a master's power-off for no balancer's: those of «external» lose none in the matrix", () => {
    const table = survivedTable({ ...recorded, results: [] }, english).split('\n');
    const cells = (scheme: string) => table.find((line) => line.startsWith(`| \`${scheme}\` |`))?.split(' | ') ?? [];
    expect(cells('external')[1]).toMatch(/ᵐ$/);
    expect(cells('external').at(-1)).toBe('yours to say |');
    expect(cells('external-pair/haproxy').at(-1)).toMatch(/ᵐ \|$/);
  });
});

describe('refutedClaims', () => {
  const of = (results: readonly (DrillResult | undefined)[]) =>
    refutedClaims({ ...recorded, results: results.filter((result) => result !== undefined) });

  it('names a claim that a recording refutes, and not one that was only slow', () => {
    expect(of([pass, over, cut])).toEqual([]);
    expect(of([lost])).toEqual([
      'vip-on-masters/none does not survive machine-power-off: 2 acknowledged writes from outside lost: #40, #41',
    ]);
  });

  it('is not told of what the scheme does not claim', () => {
    if (lost === undefined) throw new Error('no result');
    const { recording } = lost;
    const another = { ...lost, recording: { ...recording, header: { ...recording.header, drill: 'packet-loss' } } };
    expect(of([another])).toEqual([]);
  });
});

it('outcomeOf: clients that nobody serves again refute, whatever the budgets are', () => {
  if (over === undefined) throw new Error('no result');
  const { verdict } = over.recording;
  const endless = verdict.gaps.map(({ endMs: _, ...gap }) => ({ ...gap, gapMs: 5000 }));
  expect(outcomeOf(over)).toBe('over budget');
  expect(outcomeOf({ ...over, recording: { ...over.recording, verdict: { ...verdict, gaps: endless } } })).toBe('refuted');
});

it('drillResultName: a file for each scheme and drill', () => {
  expect(drillResultName({ scheme: 'vip-on-masters/none', drill: 'machine-power-off' })).toBe('vip-on-masters-none--machine-power-off');
});

it('drillPage: a row for each drill', () => {
  const page = drillPage({ ...recorded, results: [pass, lost].filter((result) => result !== undefined) });
  expect(page).toContain('| `vip-on-masters/none` | machine-power-off | pass | 0.60 s | 73, 0 | 2.4 s |  |');
  expect(page).toContain('| **fail** | 0.60 s | 73, **2** | 2.4 s | 2 acknowledged writes from outside lost: #40, #41 |');
});

describe('what was recorded', () => {
  it('refutes no claim of a scheme', () => {
    expect(refutedClaims(recorded)).toEqual([]);
  });

  it.each([
    ['README.md', english],
    ['README.zh-CN.md', chinese],
  ])('is what %s shows (npm run drills:docs)', async (name, words) => {
    const text = await readFile(join(root, name), 'utf8');
    expect(text).toBe(withTable(text, 'drills', survivedTable(recorded, words)));
  });

  it('is what docs/drill-results.md shows (npm run drills:docs)', async () => {
    expect(await readFile(join(root, 'docs/drill-results.md'), 'utf8')).toBe(drillPage(recorded));
  });
});
