/** The recordings that are in a directory: their headers at once, their verdicts one after another, each only once. */

import { createReadStream, type Dirent, type Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Unreadable } from '../drill/recording/fields.ts';
import { linesOf } from '../drill/recording/lines.ts';
import { kindOf } from '../drill/recording/read-event.ts';
import { readHeader } from '../drill/recording/read-header.ts';
import { readRecording } from '../drill/recording/read-recording.ts';
import type { RecordingHeader } from '../drill/recording/recording.ts';
import { type Judged, judged } from '../drill/report/judged.ts';
import { Failure } from '../model/failure.ts';
import type { RecordingRow } from './page/page-data.ts';

/** The newest ones. The others are still there for `trivet drill report`. */
const mostListed = 200;
/** Judging reads a whole recording: older ones are judged when they are opened. */
const mostJudged = 40;
/** Larger ones are no recordings of drills: half an hour is 5 MB packed. */
const mostBytes = 512 * 1024 * 1024;

export interface RecordingsList {
  /** Newest first. */
  readonly rows: () => readonly RecordingRow[];
  /** Looks at the directory again; true: the rows have changed. */
  readonly refresh: () => Promise<boolean>;
  /** Judges one more; false: there is none left. */
  readonly judgeNext: () => Promise<boolean>;
  /** One of the rows, whole; undefined: no row has that name. A Failure DRILL_RECORDING when it cannot be read. */
  readonly open: (name: string) => Promise<Judged | undefined>;
}

interface Entry {
  readonly row: RecordingRow;
  /** Changes when the file does. */
  readonly mark: string;
}

export function listRecordings(directory: string): RecordingsList {
  let entries: readonly Entry[] = [];

  function settle({ row: { name }, mark }: Entry, more: Pick<RecordingRow, 'result' | 'why'>): void {
    entries = entries.map((entry) => (entry.row.name === name && entry.mark === mark ? { mark, row: { ...entry.row, ...more } } : entry));
  }

  async function read(entry: Entry): Promise<Judged> {
    try {
      const one = judged(await readRecording(join(directory, entry.row.name), entry.row.name));
      const [why] = one.verdict.reasons;
      settle(entry, { result: one.verdict.result, ...(why !== undefined && one.verdict.result !== 'pass' && { why: why.text }) });
      return one;
    } catch (error) {
      settle(entry, { result: 'unreadable', why: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  return {
    rows: () => entries.map(({ row }) => row),
    async refresh() {
      const before = entries;
      entries = await listed(directory, before);
      return JSON.stringify(entries) !== JSON.stringify(before);
    },
    async judgeNext() {
      const next = entries.slice(0, mostJudged).find(({ row, mark }) => row.result === undefined && !growing(mark));
      if (next === undefined) return false;
      await read(next).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
      });
      return true;
    },
    async open(name) {
      const named = () => entries.find(({ row }) => row.name === name);
      // The verdict of a drill that has just ended may be shown before its recording was listed.
      if (named() === undefined) entries = await listed(directory, entries);
      const entry = named();
      return entry === undefined ? undefined : read(entry);
    },
  };
}

async function listed(directory: string, before: readonly Entry[]): Promise<readonly Entry[]> {
  const files = await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => []);
  const known = new Map(before.map((entry) => [entry.row.name, entry]));
  const found: { readonly name: string; readonly stats: Stats }[] = [];
  for (const file of files) {
    // No links, no pipes: what is opened is a file that lies here.
    if (!file.isFile() || !/\.ndjson(\.gz)?$/.test(file.name)) continue;
    const stats = await lstat(join(directory, file.name)).catch(() => undefined);
    if (stats !== undefined && stats.size <= mostBytes) found.push({ name: file.name, stats });
  }
  found.sort((a, b) => b.stats.mtimeMs - a.stats.mtimeMs || (a.name < b.name ? -1 : 1));
  const entries: Entry[] = [];
  for (const { name, stats } of found.slice(0, mostListed)) {
    const mark = markOf(name, stats);
    const old = known.get(name);
    if (old?.mark === mark) entries.push(old);
    else entries.push({ mark, row: { ...(await rowOf(directory, name)), ...(growing(mark) && { growing: true as const }) } });
  }
  return entries.sort((a, b) => (a.row.startedAt < b.row.startedAt ? 1 : a.row.startedAt > b.row.startedAt ? -1 : 0));
}

/** A recording that still grows stays the same row, and is not judged yet. */
function markOf(name: string, { size, mtimeMs }: Stats): string {
  return !name.endsWith('.gz') && Date.now() - mtimeMs < 15_000 ? 'growing' : `${size} ${mtimeMs}`;
}

function growing(mark: string): boolean {
  return mark === 'growing';
}

async function rowOf(directory: string, name: string): Promise<RecordingRow> {
  try {
    const { cluster, scheme, drill, fault, startedAt } = await headerOf(join(directory, name));
    return { name, cluster, scheme, drill, fault, startedAt };
  } catch (error) {
    const why = error instanceof Unreadable || error instanceof SyntaxError ? 'it is no recording of a drill' : String(error);
    return { name, cluster: '', scheme: '', drill: '', fault: '', startedAt: '', result: 'unreadable', why };
  }
}

/** Reads no further than the first line. */
async function headerOf(path: string): Promise<RecordingHeader> {
  const file = createReadStream(path, { highWaterMark: 16_384 });
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip({ chunkSize: 16_384 })) : file;
  file.on('error', (error) => stream.destroy(error));
  let bytes = 0;
  const bounded = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > 1 << 20) return;
      yield chunk;
    }
  };
  try {
    for await (const [first] of linesOf(bounded())) {
      if (first === undefined) continue;
      const { kind, fields } = kindOf(JSON.parse(first.text));
      if (kind !== 'recording') throw new Unreadable('no header');
      return readHeader(fields);
    }
    throw new Unreadable('empty');
  } finally {
    stream.destroy();
    file.destroy();
  }
}
