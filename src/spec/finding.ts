/** A problem before it has a place: found in the data, by path, whether the data came from a file or from flags. */

export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  /** key: the key itself is wrong, not what stands behind it. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly expected: string;
  readonly suggestion?: string;
  readonly code?: 'EVEN_MASTERS' | 'EVEN_ETCD';
}

/** What is wrong, and what is only worth a warning. */
export interface Meaning {
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}

/** `spec.hosts[1].labels["example.org/disk"]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** How a value of a file reads in a message: short, and never a nested text. */
export function describeValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  return `the ${typeof value} ${String(value)}`;
}
