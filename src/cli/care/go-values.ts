/** Values as Go's flag libraries take them, since lvscare's users write them so: durations, booleans, comma lists, NAME=VALUE pairs. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `200ms`, `1m30s`, `1.5s`; a number alone is seconds. In milliseconds; undefined: none of these. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (text.length > 60 || !/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g);
  return [...parts].reduce((sum, [, number, unit = '']) => sum + Number(number) * (unitMs[unit] ?? 0), 0);
}

/** As strconv.ParseBool. */
export function parseBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return undefined;
}

/** One line of CSV: `a,b`, and `"a,b",c` for values with commas. Spaces around a value, and empty values, do not count. */
export function splitList(text: string): readonly string[] {
  const values: string[] = [];
  let value = '';
  let quoted = false;
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    else if (letter === ',' && !quoted) {
      values.push(value);
      value = '';
    } else value += letter;
  }
  return [...values, value].map((one) => one.trim()).filter((one) => one !== '');
}

/** `a=1,b=2`; with a single `=` the commas belong to the value, as in `accept=text/plain,text/html`. undefined: a part without `=`. */
export function parsePairs(text: string): readonly (readonly [string, string])[] | undefined {
  const parts = text.split('=').length === 2 ? [text.replaceAll('"', '')] : splitList(text);
  const pairs = parts.map((part) => /^([^=]+)=(.*)$/s.exec(part));
  const found = pairs.flatMap((pair) => (pair === null ? [] : [[(pair[1] ?? '').trim(), pair[2] ?? ''] as const]));
  return found.length === pairs.length ? found : undefined;
}
