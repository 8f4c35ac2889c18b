/** Data of unknown shape: as a map, and what stands at a path in it. */

import type { Path } from './finding.ts';

/** The value as a map; anything else as an empty one. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

/** undefined when the path leads nowhere; keys that objects inherit are none. */
export function valueAt(path: Path, data: unknown): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === String(part))?.[1];
  }
  return value;
}
