/** What a person sees when something fails. */

import { describe, expect, test } from 'vitest';
import { Failure } from '../model/failure.ts';
import { describeFailure, printError } from './print-error.ts';

describe('describeFailure', () => {
  test('tells what, where, what was found, the next command and the log', () => {
    const failure = new Failure('STEP_FAILED', 'kubeadm init failed with exit status 1', {
      host: 'm1',
      findings: ['first line\nsecond line', 'another'],
      remedy: 'journalctl -u kubelet -n 50',
      log: 'm1:/var/log/trivet/init.log',
    });
    expect(describeFailure(failure)).toBe(
      [
        'error STEP_FAILED on m1: kubeadm init failed with exit status 1',
        '  first line',
        '  second line',
        '  another',
        'next: journalctl -u kubelet -n 50',
        'log:  m1:/var/log/trivet/init.log',
      ].join('\n'),
    );
  });

  test('leaves out what is not known', () => {
    expect(describeFailure(new Failure('CONFIRMATION', 'not confirmed'))).toBe('error CONFIRMATION: not confirmed');
  });
});

describe('printError', () => {
  test.each([
    ['INTERRUPTED', 130],
    ['USAGE', 2],
    ['PREFLIGHT', 1],
  ] as const)('%s exits with %i, without a stack trace', (code, status) => {
    let text = '';
    expect(printError(new Failure(code, 'why'), (more) => (text += more))).toBe(status);
    expect(text).toBe(`\nerror ${code}: why\n`);
  });

  test('what is no Failure is called a defect, with its stack', () => {
    let text = '';
    expect(printError(new TypeError('x is undefined'), (more) => (text += more))).toBe(1);
    expect(text).toContain('error INTERNAL: TypeError: x is undefined\n    at ');
    expect(text).toContain('defect in trivet');
  });
});
