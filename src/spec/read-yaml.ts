/** YAML text → plain data and the place of every key and value, without trusting the text: aliases, depth and size are bounded. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseAllDocuments, type YAMLError } from 'yaml';
import type { Path } from './finding.ts';

/** Offsets into the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface YamlProblem extends Span {
  readonly message: string;
  /** True when the structure itself is in doubt, so that what seems missing may be there. */
  readonly breaks: boolean;
}

export interface YamlDocument {
  /** Plain JSON data: maps, lists, texts, finite numbers, booleans, null. */
  readonly value: unknown;
  readonly start: number;
  /** The key or the value at a path; the nearest that exists when the path leads beyond the text. */
  readonly locate: (path: Path, at: 'key' | 'value') => Span;
}

export interface YamlText {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly YamlProblem[];
}

const maximumCharacters = 1_000_000;
const maximumNodes = 20_000;
const maximumDepth = 50;

/** Never throws, whatever the text. */
export function readYaml(text: string): YamlText {
  if (text.length > maximumCharacters) {
    return { documents: [], problems: [{ message: `larger than ${maximumCharacters} characters`, breaks: true, start: 0, end: 0 }] };
  }
  try {
    const lineCounter = new LineCounter();
    const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, version: '1.2', merge: false, uniqueKeys: false });
    const problems: YamlProblem[] = [];
    const documents = Array.from(parsed).map((document) => {
      problems.push(...[...document.errors, ...document.warnings].map((error) => fromYamlError(error)));
      return readDocument(document.contents, problems);
    });
    return { documents, problems: withoutEchoes(text, problems) };
  } catch (error) {
    // The parser recurses: thousands of nested brackets end in a RangeError.
    const message = error instanceof RangeError ? 'nested too deeply' : `not readable as YAML: ${String(error)}`;
    return { documents: [], problems: [{ message, breaks: true, start: 0, end: 0 }] };
  }
}

/** One mistake makes the parser complain again and again: each complaint is kept once, and of tabs only the first is shown. */
function withoutEchoes(text: string, problems: readonly YamlProblem[]): readonly YamlProblem[] {
  const tab = problems.some((problem) => problem.breaks) ? /^ *\t/m.exec(text) : null;
  if (tab !== null) {
    const start = tab.index + tab[0].length - 1;
    return [{ message: 'a tab in the indentation; YAML takes only spaces', breaks: true, start, end: start + 1 }];
  }
  const seen = new Set<string>();
  return problems.filter(({ message, breaks }) => !breaks || (seen.has(message) ? false : seen.add(message)));
}

function fromYamlError(error: YAMLError): YamlProblem {
  const [start, end] = error.pos;
  if (/call stack/.test(error.message)) return { message: 'nested too deeply', breaks: true, start, end };
  const closing = /end with a ([\]}])/.exec(error.message)?.[1];
  if (closing !== undefined) {
    return {
      message: `not valid YAML: no ${closing} here; one is not closed, or its lines are not indented enough`,
      breaks: true,
      start,
      end,
    };
  }
  const message = error.message.replace(/\s+/g, ' ').trim();
  return { message: `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, breaks: true, start, end };
}

type Place = { readonly key: Span | undefined; readonly value: Span };

function readDocument(contents: ParsedNode | null, problems: YamlProblem[]): YamlDocument {
  const places = new Map<string, Place>();
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let nodes = 0;
  let full = false;

  const refuse = (message: string, span: Span): null => {
    problems.push({ message, breaks: true, ...span });
    return null;
  };

  const walk = (node: unknown, path: Path, key: Span | undefined, fallback: Span): unknown => {
    const span = spanOf(node) ?? fallback;
    places.set(JSON.stringify(path), { key, value: span });
    nodes += 1;
    if (full) return null;
    if (nodes > maximumNodes) {
      full = true;
      return refuse(`more than ${maximumNodes} values once aliases are followed`, span);
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) return refuse(`no anchor &${node.source} before this alias`, span);
      if (open.has(target)) return refuse(`alias *${node.source} contains itself`, span);
      return walk(target, path, key, span);
    }
    if (isScalar(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      const { value } = node;
      if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      return refuse('neither text, finite number, boolean nor null', span);
    }
    if (!isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (path.length >= maximumDepth) return refuse('nested too deeply', span);
    open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, index) => walk(item, [...path, index], undefined, span))
      : walkMap(node.items, path, span);
    open.delete(node);
    return value;
  };

  const walkMap = (items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path, span: Span): unknown => {
    // The parser's own search for repeated keys compares each with all: minutes for a long map.
    const entries = new Map<string, unknown>();
    for (const pair of items) {
      const keySpan = spanOf(pair.key) ?? span;
      const name = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof name !== 'string' && typeof name !== 'number' && typeof name !== 'boolean') refuse('a key must be a plain text', keySpan);
      else if (entries.has(String(name))) problems.push({ message: 'duplicate key', breaks: false, ...keySpan });
      else entries.set(String(name), walk(pair.value, [...path, String(name)], keySpan, keySpan));
    }
    return Object.fromEntries(entries);
  };

  const value = walk(contents, [], undefined, { start: 0, end: 0 });
  const locate = (path: Path, at: 'key' | 'value'): Span => {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      if (place === undefined) continue;
      // A missing key is shown at the map that lacks it, and a map is best known by its own key.
      const wantsKey = at === 'key' || length < path.length;
      return wantsKey && place.key !== undefined ? place.key : place.value;
    }
    return { start: 0, end: 0 };
  };
  return { value, start: spanOf(contents)?.start ?? 0, locate };
}

function spanOf(node: unknown): Span | undefined {
  if (!isScalar(node) && !isAlias(node) && !isMap(node) && !isSeq(node)) return undefined;
  const range = node.range;
  return range === null || range === undefined || range[1] <= range[0] ? undefined : { start: range[0], end: range[1] };
}
