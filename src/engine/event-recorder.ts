/** Puts the time on events, writes them as NDJSON to a file that only its owner may read, and hands them on. */

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stateDirectory } from '../local/directories.ts';
import type { Emit, Event } from '../model/event.ts';

export interface RecorderInput {
  readonly file: string;
  readonly now?: () => Date;
  readonly listeners?: readonly ((event: Event) => void)[];
}

export interface Recorder {
  readonly emit: Emit;
  readonly file: string;
  readonly close: () => void;
}

/** Each event is in the file before anybody hears of it, also when the process is killed right after. */
export function recorder({ file, now = () => new Date(), listeners = [] }: RecorderInput): Recorder {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let descriptor: number | undefined = openSync(file, 'a', 0o600);
  return {
    file,
    emit: (body) => {
      const event: Event = { at: now().toISOString(), ...body };
      if (descriptor !== undefined) writeSync(descriptor, `${JSON.stringify(event)}\n`);
      for (const listen of listeners) listen(event);
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** A run's own log file: <state>/logs/<cluster>-<sequence>-<time>.ndjson. */
export function eventLogFile(input: {
  readonly cluster: string;
  readonly sequence: string;
  readonly now: Date;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}): string {
  const time = input.now.toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  return join(stateDirectory(input.environment), 'logs', `${input.cluster}-${input.sequence}-${time}.ndjson`);
}
