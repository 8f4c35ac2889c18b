/** What is made of the end of an idle watch. */

import { describe, expect, test } from 'vitest';
import { Failure } from '../model/failure.ts';
import { idleConnection } from './idle-connection.ts';

const parse = (stdout: string) => idleConnection({ url: 'https://api:6443', seconds: 60 }).parse({ code: 0, stdout, stderr: '' });

describe('idleConnection', () => {
  test.each([
    ['exit=0 status=200 seconds=60', 'survived', 60],
    ['exit=0 status=200 seconds=31', 'ended', 31],
    ['exit=18 status=200 seconds=10', 'ended', 10],
    ['exit=56 status=200 seconds=10', 'ended', 10],
    ['exit=28 status=200 seconds=75', 'silent', 75],
  ] as const)('%s: %s', (line, outcome, seconds) => {
    expect(parse(`${line}\n`)).toEqual({ outcome, seconds });
  });

  test.each(['exit=7 status=000 seconds=0', 'exit=0 status=403 seconds=0', ''])('no watch could be opened: %s', (line) => {
    expect(() => parse(line)).toThrow(Failure);
  });
});
