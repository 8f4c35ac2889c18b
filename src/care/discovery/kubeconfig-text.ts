/**
 * Reads a kubeconfig without a YAML library, which the daemon would have to load at every start: JSON (every JSON text is YAML), or
 * the plain block style in which kubeadm, kubelet and `kubectl config view --flatten` write it. All of them go through
 * sigs.k8s.io/yaml: block mappings and sequences, one scalar on a line, `{}`, `[]` and `null`. Anything beyond (anchors, tags, flow
 * collections, text over several lines) is refused by its line number; the file's content, which holds keys, is never quoted.
 */

import { Failure } from '../../model/failure.ts';

export type PlainValue = null | boolean | string | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** Numbers stay text. Throws Failure KUBERNETES with the number of the line that is not understood. */
export function readPlainYaml(text: string): unknown {
  if (/^\s*\{/.test(text)) return readJson(text);
  const lines = usedLines(text);
  const first = lines[0];
  if (first === undefined) return null;
  const reader = { lines, at: 0 };
  const value = readBlock(reader, first.indent, 0);
  const rest = lines[reader.at];
  if (rest !== undefined) throw notUnderstood(rest.number, 'its indentation fits nothing above it');
  return value;
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

interface Reader {
  lines: Line[];
  at: number;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new Failure('KUBERNETES', 'the kubeconfig begins as JSON and is not', { remedy });
  }
}

function usedLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trimEnd();
    const body = line.trimStart();
    if (body === '' || body.startsWith('#') || (line === '---' && lines.length === 0)) continue;
    const indent = line.length - body.length;
    if (line.slice(0, indent).includes('\t')) throw notUnderstood(index + 1, 'it is indented by a tab');
    lines.push({ number: index + 1, indent, text: body });
  }
  return lines;
}

const mostDepth = 20;

function readBlock(reader: Reader, indent: number, depth: number): PlainValue {
  const line = reader.lines[reader.at];
  if (line === undefined || depth > mostDepth) throw notUnderstood(line?.number ?? 0, 'it is nested too deeply');
  return isItem(line) ? readSequence(reader, indent, depth) : readMapping(reader, indent, depth);
}

const isItem = ({ text }: Line) => text === '-' || text.startsWith('- ');

function readSequence(reader: Reader, indent: number, depth: number): PlainValue {
  const items: PlainValue[] = [];
  for (let line = reader.lines[reader.at]; line?.indent === indent && isItem(line); line = reader.lines[reader.at]) {
    const inner = line.text.slice(1).trimStart();
    if (inner === '') {
      reader.at += 1;
      items.push(readBelow(reader, indent + 1, depth));
    } else if (splitKey(inner) !== undefined || isItem({ ...line, text: inner })) {
      // What follows the dash is a block of its own, as if it stood alone on the line.
      const inside = line.indent + line.text.length - inner.length;
      reader.lines[reader.at] = { number: line.number, indent: inside, text: inner };
      items.push(readBlock(reader, inside, depth + 1));
    } else {
      reader.at += 1;
      items.push(readScalar(inner, line.number));
    }
  }
  return items;
}

function readMapping(reader: Reader, indent: number, depth: number): PlainValue {
  const entries = new Map<string, PlainValue>();
  for (let line = reader.lines[reader.at]; line?.indent === indent && !isItem(line); line = reader.lines[reader.at]) {
    const pair = splitKey(line.text);
    if (pair === undefined) throw notUnderstood(line.number, 'it is not `key: value`');
    if (entries.has(pair.key)) throw notUnderstood(line.number, 'its key came before');
    reader.at += 1;
    if (pair.rest !== '') entries.set(pair.key, readScalar(pair.rest, line.number));
    else entries.set(pair.key, readUnderKey(reader, indent, depth));
  }
  return Object.fromEntries(entries);
}

/** A sequence may stand as far left as the key that it belongs to. */
function readUnderKey(reader: Reader, indent: number, depth: number): PlainValue {
  const next = reader.lines[reader.at];
  if (next?.indent === indent && isItem(next)) return readSequence(reader, indent, depth + 1);
  return readBelow(reader, indent + 1, depth);
}

function readBelow(reader: Reader, least: number, depth: number): PlainValue {
  const next = reader.lines[reader.at];
  return next !== undefined && next.indent >= least ? readBlock(reader, next.indent, depth + 1) : null;
}

function splitKey(text: string): { key: string; rest: string } | undefined {
  const parts = /^(?:"([^"\\]+)"|'([^']+)'|([A-Za-z0-9_./][A-Za-z0-9_./@-]*)):(?:\s+(.*))?$/.exec(text);
  const key = parts?.[1] ?? parts?.[2] ?? parts?.[3];
  const rest = parts?.[4] ?? '';
  return key === undefined ? undefined : { key, rest: rest.startsWith('#') ? '' : rest };
}

function readScalar(text: string, number: number): PlainValue {
  const quoted = /^(?:"([^"\\]*)"|'((?:[^']|'')*)')(?:\s+#.*)?$/.exec(text);
  if (quoted !== null) return quoted[1] ?? (quoted[2] ?? '').replaceAll("''", "'");
  const plain = text.replace(/\s+#.*$/, '');
  if (plain === '{}') return {};
  if (plain === '[]') return [];
  if (plain === 'null' || plain === '~') return null;
  if (plain === 'true' || plain === 'false') return plain === 'true';
  if (/^[&*!|>{}[\]%@`"',?:#]|^-(?:\s|$)|:(?:\s|$)/.test(plain))
    throw notUnderstood(number, 'only one plain or quoted text may follow here');
  return plain;
}

const remedy = 'write it plainly: kubectl config view --flatten --kubeconfig FILE --output json';

function notUnderstood(number: number, why: string): Failure {
  return new Failure('KUBERNETES', `line ${number} of the kubeconfig is not understood: ${why}`, { remedy });
}
