/** Where trivet keeps things on the operator's machine, by the XDG base directory rules. */

import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Can be deleted at any time: built bundles, root file systems, Node. */
export function cacheDirectory(environment: Environment = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trivet');
}

/** Logs, and the labs that are up. */
export function stateDirectory(environment: Environment = process.env): string {
  return join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'trivet');
}
