/** Follows the recording that a drill in another process is writing right now, line by line, until its end. */

import { type Dirent, type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { Unreadable } from '../drill/recording/fields.ts';
import { kindOf, readEvent } from '../drill/recording/read-event.ts';
import { readHeader } from '../drill/recording/read-header.ts';
import { type RecordingHeader, recordingFormat } from '../drill/recording/recording.ts';
import type { RecordedEvent } from '../model/event.ts';

export interface FollowInput {
  readonly directory: string;
  /** Recordings of other clusters are passed over. */
  readonly cluster: string;
  readonly signal: AbortSignal;
  readonly begun: (name: string, header: RecordingHeader) => void;
  readonly heard: (event: RecordedEvent) => void;
  /** Nothing was written for a while. */
  readonly silent: () => void;
  /** `whole`: its last line was read; otherwise the file went away. */
  readonly ended: (name: string, whole: boolean) => void;
  /** After each batch of lines. */
  readonly batch: () => void;
}

/** A recording that nobody has written to for so long is no running drill; one that was being followed is called silent. */
const freshMs = 10_000;
/** Looked at this often even when the file system tells nothing, and at most each `leastMs` when it tells much. */
const mostMs = 1000;
const leastMs = 50;
const longestLine = 16 * 1024 * 1024;

interface Followed {
  readonly name: string;
  readonly file: FileHandle;
  readonly decoder: StringDecoder;
  offset: number;
  partial: string;
  header: RecordingHeader | undefined;
  grewAtMs: number;
  told: boolean;
}

/** Resolves when the signal is aborted. A directory that is not there yet is waited for. */
export async function followRecordings(input: FollowInput): Promise<void> {
  const passed = new Set<string>();
  const bell = openBell(input.directory);
  let followed: Followed | undefined;
  try {
    while (!input.signal.aborted) {
      if (followed === undefined || Date.now() - followed.grewAtMs > freshMs) {
        const next = await newest(input.directory, passed, followed?.name);
        if (next !== undefined) {
          if (followed !== undefined) await leave(followed, false);
          followed = next;
        }
      }
      if (followed !== undefined && (await read(followed))) followed = undefined;
      await bell.wait(input.signal);
    }
  } finally {
    bell.close();
    await followed?.file.close();
  }

  /** Whether that was its end. */
  async function read(one: Followed): Promise<boolean> {
    const verdict = await readMore(one, input);
    if (verdict === 'more') return false;
    passed.add(one.name);
    await leave(one, verdict === 'whole');
    return true;
  }

  async function leave(one: Followed, whole: boolean): Promise<void> {
    passed.add(one.name);
    await one.file.close();
    if (one.header !== undefined) input.ended(one.name, whole);
  }
}

/** The newest recording that is being written, opened: a file that is packed and removed meanwhile can be read to its end. */
async function newest(directory: string, passed: ReadonlySet<string>, current: string | undefined): Promise<Followed | undefined> {
  const files = await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => []);
  let found: { readonly name: string; readonly atMs: number } | undefined;
  for (const entry of files) {
    const { name } = entry;
    if (!entry.isFile() || !name.endsWith('.ndjson') || passed.has(name) || name === current) continue;
    const atMs = (await stat(join(directory, name)).catch(() => undefined))?.mtimeMs ?? 0;
    if (Date.now() - atMs < freshMs && atMs > (found?.atMs ?? 0)) found = { name, atMs };
  }
  const file = found === undefined ? undefined : await open(join(directory, found.name)).catch(() => undefined);
  if (found === undefined || file === undefined) return undefined;
  const decoder = new StringDecoder('utf8');
  return { name: found.name, file, decoder, offset: 0, partial: '', header: undefined, grewAtMs: Date.now(), told: false };
}

async function readMore(one: Followed, input: FollowInput): Promise<'more' | 'whole' | 'gone' | 'foreign'> {
  const buffer = Buffer.allocUnsafe(1 << 20);
  const before = one.offset;
  for (;;) {
    const { bytesRead } = await one.file.read(buffer, 0, buffer.length, one.offset);
    if (bytesRead === 0) break;
    one.offset += bytesRead;
    const lines = (one.partial + one.decoder.write(buffer.subarray(0, bytesRead))).split('\n');
    one.partial = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      const verdict = takeLine(one, line, input);
      if (verdict !== 'more') return verdict;
    }
  }
  if (one.offset > before) {
    one.grewAtMs = Date.now();
    one.told = false;
    input.batch();
    return 'more';
  }
  const { nlink, size } = await one.file.stat();
  if (nlink === 0 || size < one.offset) return 'gone';
  if (Date.now() - one.grewAtMs > freshMs && !one.told && one.header !== undefined) {
    one.told = true;
    input.silent();
    input.batch();
  }
  return 'more';
}

/** A line that cannot be read is passed over: the verdict, which reads the file again, tells of it. */
function takeLine(one: Followed, line: string, input: FollowInput): 'more' | 'whole' | 'foreign' {
  if (line.trim() === '') return 'more';
  try {
    const { kind, fields } = kindOf(JSON.parse(line));
    if (one.header === undefined) {
      if (kind !== 'recording' || fields.get('format') !== recordingFormat) return 'foreign';
      const header = readHeader(fields);
      if (header.cluster !== input.cluster) return 'foreign';
      one.header = header;
      input.begun(one.name, header);
      return 'more';
    }
    if (kind === 'end') return 'whole';
    const event = readEvent(fields);
    if (event !== undefined) input.heard(event);
    return 'more';
  } catch (error) {
    if (!(error instanceof Unreadable) && !(error instanceof SyntaxError)) throw error;
    return one.header === undefined ? 'foreign' : 'more';
  }
}

/** Rings when something in the directory changes; where that cannot be told, each `mostMs`. */
function openBell(directory: string): { readonly wait: (signal: AbortSignal) => Promise<void>; readonly close: () => void } {
  let watcher: FSWatcher | undefined;
  let rung = false;
  let ring: (() => void) | undefined;
  const onChange = () => {
    rung = true;
    ring?.();
  };
  const stopWatching = () => {
    watcher?.close();
    watcher = undefined;
  };
  const startWatching = () => {
    try {
      watcher = watch(directory, { persistent: false }, onChange).on('error', stopWatching);
    } catch {
      // Not there yet, or no more watches to be had: the clock does.
    }
  };
  return {
    close: stopWatching,
    wait: (signal) =>
      new Promise((resolve) => {
        if (watcher === undefined) startWatching();
        const done = () => {
          clearTimeout(latest);
          signal.removeEventListener('abort', done);
          ring = undefined;
          rung = false;
          resolve();
        };
        const latest = setTimeout(done, mostMs);
        signal.addEventListener('abort', done, { once: true });
        const soon = () => {
          ring = undefined;
          clearTimeout(latest);
          setTimeout(done, leastMs);
        };
        if (signal.aborted) done();
        else if (rung) soon();
        else ring = soon;
      }),
  };
}
