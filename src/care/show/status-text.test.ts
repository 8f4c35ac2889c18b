import { describe, expect, it } from 'vitest';
import { exampleNow, exampleStatus } from '../../../test/care/example-status.ts';
import { expectGolden } from '../../../test/contract/golden-file.ts';
import { readCareStatus } from './read-status.ts';
import { ago, careStatusText } from './status-text.ts';

describe('careStatusText', () => {
  it('shows state, since when and why of each backend, and the last changes', () => {
    expectGolden('care/status.txt', careStatusText(exampleStatus, exampleNow));
  });

  it('says when nobody is there, a table was not taken and discovery fails, with the next command', () => {
    const text = careStatusText(
      {
        ...exampleStatus,
        table: 'reject',
        applies: { done: 0, failed: 3, trouble: 'nft: Operation\nnot permitted' },
        discovery: { kind: 'failing', why: '403', remedy: 'kubectl create role', lastSuccess: exampleStatus.since },
        changes: [],
      },
      exampleNow,
    );
    expect(text).toContain('10.103.97.2:6443  refuses new connections: nobody is there, 1 of 3 backends UP');
    expect(text).toContain('  not applied  nft: Operation not permitted');
    expect(text).toContain('  discovery   fails: 403 (last heard 3 d ago)\n              → kubectl create role');
    expect(text).toContain('no changes yet');
  });

  it('takes control characters out of what servers said', () => {
    const [backend] = exampleStatus.backends;
    const backends = backend === undefined ? [] : [{ ...backend, why: '\u001b[2Jgone\r\nx' }];
    expect(careStatusText({ ...exampleStatus, backends }, exampleNow)).toContain(' [2Jgone x\n');
  });
});

describe('ago', () => {
  it('gives the distance in one figure, and none for a clock that was put back', () => {
    const texts = [-5, 0.4, 12.7, 150, 7300, 200_000].map((seconds) =>
      ago(new Date(exampleNow - seconds * 1000).toISOString(), exampleNow),
    );
    expect(texts).toEqual(['0.0 s', '0.4 s', '12 s', '2 min', '2 h', '2 d']);
  });
});

describe('readCareStatus', () => {
  it('gives back what a daemon sent as JSON', () => {
    const read = readCareStatus(JSON.stringify(exampleStatus));
    expect(careStatusText(read, exampleNow)).toBe(careStatusText(exampleStatus, exampleNow));
    expect(read).toMatchObject({ ...exampleStatus });
  });

  it.each([
    ['<html>', 'the answer is not JSON'],
    ['[]', 'version is no text'],
    ['"x"', 'the answer is no object'],
    [
      JSON.stringify({ ...exampleStatus, backends: [{ ...exampleStatus.backends[0], state: 'GONE' }] }),
      'backends[0].state is none of UP, SUSPECT, DRAIN, DOWN',
    ],
    [JSON.stringify({ ...exampleStatus, since: 'then' }), 'since is no time'],
    [JSON.stringify({ ...exampleStatus, discovery: { kind: 'following' } }), 'discovery.lastSuccess is no text'],
  ])('%.20s: names the place', (text, why) => {
    expect(() => readCareStatus(text)).toThrowError(
      expect.objectContaining({ code: 'CARE_STATUS', message: expect.stringContaining(why) }),
    );
  });
});
