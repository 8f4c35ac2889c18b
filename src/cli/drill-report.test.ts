import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../local/package-root.ts';
import { type DrillReportOptions, drillReport } from './drill-report.ts';

const testdata = (name: string) => join(packageRoot(), 'src/drill/testdata', `${name}.ndjson`);

let directory: string;
let printed: string;
let complained: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-drill-report-'));
  printed = '';
  complained = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

function report(names: readonly string[], options: Partial<DrillReportOptions> = {}): Promise<number> {
  return drillReport(names.map(testdata), { output: 'text', budget: [], ...options });
}

describe('drillReport', () => {
  it.each([
    [['pass'], 0],
    [['lost-write'], 1],
    [['truncated'], 3],
    [['no-such-file'], 3],
    [['pass', 'truncated'], 3],
    [['pass', 'over-budget', 'no-such-file'], 1],
  ])('ends for %j with status %i', async (names, status) => {
    expect(await report(names)).toBe(status);
  });

  it('reports the others when one is refused, and says why', async () => {
    expect(await report(['pass', 'no-such-file'], { output: 'json' })).toBe(3);
    expect(JSON.parse(printed)).toMatchObject({
      recordings: [{ name: 'pass.ndjson', verdict: { result: 'pass' } }],
      refused: [{ code: 'DRILL_RECORDING', message: expect.stringContaining('ENOENT') }],
    });
    expect(complained).toMatch(/^error DRILL_RECORDING: no-such-file\.ndjson cannot be read/);
  });

  it('judges by the budgets that it is given', async () => {
    expect(await report(['over-budget'], { budget: ['new-connections=1001'] })).toBe(0);
    expect(await report(['pass'], { budget: ['watch@worker=899'] })).toBe(1);
    await expect(report(['pass'], { budget: ['new-connections'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('writes a page and Markdown where it is told to', async () => {
    const [html, md] = [join(directory, 'report.html'), join(directory, 'report.md')];
    expect(await report(['pass'], { html, md })).toBe(0);
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/);
    expect(readFileSync(md, 'utf8')).toMatch(/^## ✅ pass: pass\.ndjson/);
    await expect(report(['pass'], { html: join(directory, 'none', 'x.html') })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
