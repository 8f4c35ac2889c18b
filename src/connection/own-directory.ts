/** The directory of this process's SSH sockets: private, with a short path, and never left behind for long. */

import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OwnDirectory {
  /** Made when it is first asked for, mode 0700. */
  readonly path: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

export function ownDirectory(): OwnDirectory {
  let made: Promise<string> | undefined;
  let removeNow = () => {};
  const make = async () => {
    await removeStale();
    const path = await mkdtemp(join(tmpdir(), `trivet-ssh-${process.pid}-`));
    removeNow = () => rmSync(path, { recursive: true, force: true });
    process.once('exit', removeNow);
    return path;
  };
  return {
    path: () => {
      made ??= make();
      return made;
    },
    remove: async () => {
      const path = await made?.catch(() => undefined);
      made = undefined;
      process.off('exit', removeNow);
      if (path !== undefined) await rm(path, { recursive: true, force: true });
    },
  };
}

/** What processes left that were killed: their connections have ended by themselves. */
async function removeStale(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = /^trivet-ssh-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), name);
    const mine = await lstat(path).then(
      (found) => found.isDirectory() && found.uid === process.getuid?.(),
      () => false,
    );
    if (mine) await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
