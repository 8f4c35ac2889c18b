import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Failure } from '../../model/failure.ts';
import { readPlainYaml } from './kubeconfig-text.ts';

describe('readPlainYaml', () => {
  it("reads what kubectl config writes: quoted names, exec's lists, empty collections", () => {
    const text = `# made by kubectl
apiVersion: v1
clusters:
- cluster:
    insecure-skip-tls-verify: true
    server: https://[fd00::1]:6443
  name: "123"
contexts: []
current-context: ""
extensions: null
preferences: {}
users:
- name: 'it''s: b'
  user:
    token: 'x y#z: "q"'
- name: u
  user:
    exec:
      args:
      - a
      command: aws # not run
      env:
      - name: A
        value: B
`;
    expect(readPlainYaml(text)).toEqual(parse(text));
  });

  it('takes JSON and an empty file', () => {
    expect(readPlainYaml(' {"users": []}')).toEqual({ users: [] });
    expect(readPlainYaml('# nothing\n')).toBeNull();
  });

  it.each([
    ['a: &x b', 'line 1'],
    ['a: *x', 'line 1'],
    ['a: |\n  secret', 'line 1'],
    ['a: b\n  secret', 'line 2'],
    ['a: {b: secret}', 'line 1'],
    ['a: "b\\nsecret"', 'line 1'],
    ['a: 1\na: secret', 'line 2'],
    ['a:\n\tb: secret', 'line 2'],
    ['a:\n    b: 1\n  c: secret', 'line 3'],
    ['just a secret', 'line 1'],
    ['a: 1\n---\nb: secret', 'line 2'],
  ])('refuses %j with its line and without its words', (text, place) => {
    const refused = expect.objectContaining({
      code: 'KUBERNETES',
      message: expect.stringMatching(new RegExp(`^${place} of the kubeconfig is not understood`)),
    });
    expect(() => readPlainYaml(text)).toThrowError(refused);
    expect(() => readPlainYaml(text)).not.toThrowError('secret');
    expect(() => readPlainYaml('{"secret"')).not.toThrowError('secret');
  });

  const scalar = fc.string({ unit: fc.constantFrom(...'aZ09 _-./:#=@"\'&*!|>%{}[],~?'), maxLength: 12 });
  const key = fc.stringMatching(/^[a-z][a-z-]{0,6}$/);
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  }));

  it('reads any plain document as the YAML library does, or refuses it', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), fc.boolean(), (document, indentSeq) => {
        const text = stringify(document, { lineWidth: 0, indentSeq, singleQuote: true });
        const read = orRefused(text);
        if (read !== 'refused') expect(read).toEqual(plain(parse(text, { schema: 'failsafe' })));
      }),
      { numRuns: 200 },
    );
  });

  it('reads any text, however odd, as the YAML library does, or refuses it', () => {
    const piece = fc.constantFrom(
      'a',
      'b: ',
      ': ',
      '- ',
      '-',
      '\n',
      '\n  ',
      '\n    ',
      ' ',
      '"',
      "'",
      '#',
      '{}',
      '[]',
      'null',
      'true',
      '~',
      '1',
      '|',
      '&',
      '?',
      ',',
      '%',
      '---',
      ':',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join('');
        const read = orRefused(text);
        if (read === 'refused') return;
        expect(read).toEqual(plain(parse(text, { schema: 'failsafe', strict: false })));
      }),
      { numRuns: 1000 },
    );
  });
});

function orRefused(text: string): unknown {
  try {
    return plain(readPlainYaml(text));
  } catch (error) {
    if (error instanceof Failure) return 'refused';
    throw error;
  }
}

/** All scalars as text, so that null and '' and 1 and '1' need no telling apart: the failsafe schema knows only text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  return value === null || value === '~' || value === 'null' ? '' : String(value);
}
