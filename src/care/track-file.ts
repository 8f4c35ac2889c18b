/** keepalived's track_file: whether this machine may hold the address, from the health of its own backend. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BackendState } from './health/backend-health.ts';
import type { CareLog } from './log.ts';

/** keepalived's strongest: the instance goes to FAULT. */
export const outWeight = -254;

export interface TrackFile {
  /** Of the machine's own backends. SUSPECT changes nothing: an address that moves breaks connections. Never throws. */
  readonly show: (states: readonly BackendState[]) => Promise<void>;
}

export function openTrackFile(path: string, log: CareLog): TrackFile {
  let shown: string | undefined;
  let last = Promise.resolve();
  const write = async (word: string): Promise<void> => {
    if (word === shown) return;
    try {
      await mkdir(dirname(path), { recursive: true });
      // A restart of the daemon writes nothing where nothing changed: keepalived reads at every write.
      if (shown === undefined && (await readFile(path, 'utf8').catch(() => '')).trim() === word) shown = word;
      else {
        await writeFile(`${path}.new`, `${word}\n`, { mode: 0o644 });
        await rename(`${path}.new`, path);
        shown = word;
        log('info', `track file: ${word}`, { subject: 'track-file', path });
      }
    } catch (error) {
      log('error', `the track file ${path} is not written: ${error instanceof Error ? error.message : error}`, { subject: 'track-file' });
    }
  };
  return {
    show: (states) => {
      const word = states.includes('UP')
        ? '0'
        : states.length > 0 && states.every((state) => state !== 'SUSPECT')
          ? `${outWeight}`
          : undefined;
      if (word !== undefined) last = last.then(() => write(word));
      return last;
    },
  };
}
