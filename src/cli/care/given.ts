/** What the user gave, as text: flags before environment before file. What it means is not asked here. */

import { parseArgs } from 'node:util';
import { environmentName, type Flag, flags } from './flags.ts';
import { splitList } from './go-values.ts';
import { nearestWord } from './nearest-word.ts';

export interface Given {
  /** By the flag's name; of a flag that is on or off `true` or `false`, as far as it was written so. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** How the user wrote it: --health-path, CARE_HEALTH_PATH, "health-path" in FILE. */
  readonly label: (flag: string) => string;
  /** Words without dashes. */
  readonly words: readonly string[];
  readonly problems: readonly string[];
}

interface Source {
  readonly values: Map<string, readonly string[]>;
  readonly label: (flag: string) => string;
  readonly problems: readonly string[];
}

const named = new Map(flags.map((flag) => [flag.name, flag]));

/** The words after `trivet care`. Every problem is named, not only the first. */
export function givenByArguments(args: readonly string[]): Given {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [name, { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) } as const]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const values = new Map<string, readonly string[]>();
  const problems: string[] = [];
  const words: string[] = [];
  let before: Flag | 'unknown' | undefined;
  for (const token of tokens) {
    const last = before;
    before = undefined;
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // lvscare's flags take `=true`; what stands behind them as a word of its own it overlooks, so many write that.
      if (last === undefined || (last !== 'unknown' && !/^(true|false)$/i.test(token.value))) words.push(token.value);
      else if (last !== 'unknown' && token.value.toLowerCase() === 'false')
        problems.push(`--${last.name} false: write --${last.name}=false`);
      continue;
    }
    const flag = named.get(token.name);
    if (flag === undefined) {
      problems.push(unknown(token.rawName, token.rawName.replace(/^-+/, '')));
      if (token.value === undefined) before = 'unknown';
    } else if (flag.value === undefined) {
      values.set(flag.name, [token.value ?? 'true']);
      if (token.value === undefined) before = flag;
    } else if (token.value === undefined || (!token.inlineValue && isFlag(token.value))) {
      problems.push(`--${flag.name} needs a value: --${flag.name} ${flag.value}`);
    } else add(values, flag, [token.value.replace(token.rawName.startsWith('--') ? '' : /^=/, '')]);
  }
  return { values, label: (flag) => `--${flag}`, words, problems };
}

function isFlag(text: string): boolean {
  return text.startsWith('--') && named.has(text.slice(2).replace(/=.*/s, ''));
}

function add(values: Map<string, readonly string[]>, flag: Flag, more: readonly string[]): void {
  // The last one counts, as lvscare has it.
  values.set(flag.name, flag.list ? [...(values.get(flag.name) ?? []), ...more] : more);
}

/** CARE_VS, CARE_RS, … as lvscare reads them. Other variables of that prefix are not ours: Kubernetes makes CARE_SERVICE_HOST of a service. */
export function givenByEnvironment(environment: Readonly<Record<string, string | undefined>>): Source {
  const values = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const value = environment[environmentName(flag.name)];
    if (value !== undefined && value !== '' && flag.name !== 'help') values.set(flag.name, [value]);
  }
  return { values, label: environmentName, problems: [] };
}

/** The text of --config's file. */
export function givenByFile(path: string, text: string): Source {
  const values = new Map<string, readonly string[]>();
  const problems: string[] = [];
  for (const [name, value] of entriesOf(text, (problem) => problems.push(`${path}: ${problem}`))) {
    const flag = named.get(name);
    const content = textOf(value);
    if (flag === undefined || name === 'config' || name === 'help') problems.push(`${path}: ${unknown(`"${name}"`, name)}`);
    else if (content === undefined || (content.length !== 1 && !flag.list))
      problems.push(`${path}: "${name}" cannot be ${JSON.stringify(value)}`);
    else values.set(name, content);
  }
  return { values, label: (flag) => `"${flag}" in ${path}`, problems };
}

/** Earlier sources win, each flag as a whole. */
export function combine(first: Given, ...others: readonly Source[]): Given {
  const sources = [first, ...others];
  const names = new Set(sources.flatMap(({ values }) => [...values.keys()]));
  const owner = (name: string) => sources.find(({ values }) => values.has(name)) ?? first;
  return {
    values: new Map([...names].map((name) => [name, owner(name).values.get(name) ?? []])),
    label: (name) => owner(name).label(name),
    words: first.words,
    problems: sources.flatMap(({ problems }) => problems),
  };
}

/** The values of a list flag, one by one. */
export function listOf({ values }: Given, name: string): readonly string[] {
  return (values.get(name) ?? []).flatMap(splitList);
}

function unknown(written: string, name: string): string {
  const near = nearestWord(name, [...named.keys()]);
  return `${written} is not known${near === undefined ? '; trivet care --help lists all' : `; --${near} is`}`;
}

function entriesOf(text: string, problem: (text: string) => void): readonly (readonly [string, unknown])[] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
    problem('is not a JSON object: {"vs": "IP:PORT", "rs": ["IP:PORT"]}');
  } catch (error) {
    problem(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return [];
}

/** Lists and objects of text become what the flag would have been given; undefined: nothing of that kind. */
function textOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string' || typeof one === 'number') ? value.map(String) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return entries.every(([, one]) => typeof one === 'string') ? entries.map(([name, one]) => `${name}=${String(one)}`) : undefined;
}
