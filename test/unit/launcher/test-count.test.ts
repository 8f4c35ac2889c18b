import { describe, expect, it } from 'vitest';
import { countReport, countTests } from '../../../launcher/test-count.ts';

const report = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };

describe('countReport', () => {
  it('counts passed, failed and skipped tests', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] }];
    expect(countReport({ ...report, testResults })).toEqual({ passed: 7, failed: 1, skipped: 3 });
  });

  it('counts a file that failed outside its tests', () => {
    const testResults = [
      { status: 'passed', assertionResults: [] },
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(countReport({ ...report, testResults })).toMatchObject({ failed: 3 });
  });
});

describe('countTests', () => {
  it('counts a report that was never written as a failure', async () => {
    expect(await countTests('/nonexistent/report.json')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
