/** Takes unknown JSON apart, field by field: a recording may come from anywhere, and has hundreds of thousands of lines. */

/** Thrown and caught within this folder: what is wrong with one line. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The own fields of a JSON object. Not a Map: there are hundreds of thousands of these. */
export interface Fields {
  readonly get: (name: string) => unknown;
  readonly has: (name: string) => boolean;
  readonly entries: () => readonly (readonly [name: string, value: unknown])[];
}

/** Longest text that is kept of a field, in characters. */
const longest = 2000;
/** Eleven days: no recording lasts so long. */
const latestMs = 1e9;

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable('not a JSON object');
  return {
    get: (name) => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined),
    has: (name) => Object.hasOwn(value, name),
    entries: () => Object.entries(value),
  };
}

/** Without control characters, which could make a terminal do things. */
export function text(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string') throw new Unreadable(`${name} is not a text`);
  return clean(value);
}

export function clean(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return value.slice(0, longest).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields.get(name);
  return value === undefined || value === null ? undefined : text(fields, name);
}

/** Milliseconds since the start; slightly negative ones occur, as probes begin before the recording does. */
export function milliseconds(fields: Fields, name: string): number {
  const value = fields.get(name);
  if (typeof value !== 'number' || !(Math.abs(value) <= latestMs)) throw new Unreadable(`${name} is not a time`);
  return value;
}

/** A whole number, not negative. */
export function whole(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Unreadable(`${name} is not a whole number`);
  return value;
}

export function yesOrNo(fields: Fields, name: string): boolean {
  const value = fields.get(name);
  if (typeof value !== 'boolean') throw new Unreadable(`${name} is not true or false`);
  return value;
}

export function oneOf<const T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  const value = fields.get(name);
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Unreadable(`${name} is none of ${choices.join(', ')}`);
  return found;
}

export function list<T>(fields: Fields, name: string, each: (value: unknown) => T): readonly T[] {
  const value = fields.get(name);
  if (!Array.isArray(value)) throw new Unreadable(`${name} is not a list`);
  return value.map(each);
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Unreadable('not a text');
  return clean(value);
}
