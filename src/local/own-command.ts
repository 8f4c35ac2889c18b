/** How this same trivet is started again as a process of its own, whether it runs from src/, bundled, or as one executable. */

import { basename, join } from 'node:path';
import { isSea } from 'node:sea';
import { packageRoot } from './package-root.ts';

/** argv of `trivet ARGS`. */
export function ownCommand(args: readonly string[]): readonly string[] {
  if (isSea()) return [process.execPath, ...args];
  const bundled = basename(import.meta.dirname) === 'dist';
  return [process.execPath, join(packageRoot(), bundled ? 'dist/main.js' : 'src/cli/main.ts'), ...args];
}
