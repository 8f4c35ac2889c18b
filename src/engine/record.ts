/** The receipt of one machine: what trivet changed there, written before each change, read back by reset. */

import { createHash } from 'node:crypto';
import type { Connection } from '../model/connection.ts';
import { type ReceiptEntry, receiptDirectory, receiptPath } from '../model/receipt.ts';
import { RECORD } from './machine-scripts.ts';
import { runScript } from './must-run.ts';

export interface Receipt {
  /** The latest entry about the same thing; undefined: trivet never changed it. */
  readonly about: (thing: Pick<ReceiptEntry, 'kind'> & { readonly key: string }) => Promise<ReceiptEntry | undefined>;
  /** Appends an entry unless the latest about the same thing says the same. */
  readonly note: (entry: ReceiptEntry) => Promise<void>;
  /** Appends what is about to happen to paths. Foreign content there is kept first; its place is filled into the entry. */
  readonly notePaths: (changes: readonly PathChange[]) => Promise<void>;
}

export interface PathChange {
  readonly entry: PathEntry;
  /** Unit to mark for a restart. */
  readonly restarts: string | undefined;
}

type PathEntry = Extract<ReceiptEntry, { original: string | undefined }>;

/** The receipt is read at the first question, once. Calls for one machine are answered one after another. */
export function receiptOf(connection: Connection, signal: AbortSignal): Receipt {
  let entries: Promise<Map<string, ReceiptEntry>> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const known = () => {
    entries ??= connection.read(receiptPath).then((text) => new Map(parseReceipt(text ?? '').map((entry) => [keyOf(entry), entry])));
    return entries;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const append = async (groups: readonly Group[]) => {
    if (groups.length === 0) return;
    const text = (entry: ReceiptEntry | undefined) => (entry === undefined ? '' : JSON.stringify(entry));
    const stdin = groups
      .map(({ path, keepAt, restarts, kept, fresh }) => `${[path, keepAt, restarts, text(kept), text(fresh)].join('\n')}\n`)
      .join('');
    const { stdout } = await runScript({ connection, signal }, 'write the receipt', RECORD, [], { stdin });
    const map = await known();
    for (const entry of parseReceipt(stdout)) map.set(keyOf(entry), entry);
  };
  const groupOf = async ({ entry, restarts = '' }: PathChange): Promise<readonly Group[]> => {
    const { path } = entry;
    const map = await known();
    const earlier = ['file', 'upload', 'link'].map((kind) => map.get(`${kind} ${path}`)).find((found) => found !== undefined);
    if (earlier === undefined || !('path' in earlier) || earlier.kind === 'block') {
      const original = originalPath(path);
      return [{ path, keepAt: original, restarts, kept: { ...entry, original }, fresh: entry }];
    }
    const again = { ...entry, original: earlier.original };
    const fresh = same(earlier, again) ? undefined : again;
    return fresh === undefined && restarts === '' ? [] : [{ path, keepAt: '', restarts, kept: undefined, fresh }];
  };
  return {
    about: async ({ kind, key }) => (await known()).get(`${kind} ${key}`),
    note: (entry) =>
      inTurn(async () => {
        const earlier = (await known()).get(keyOf(entry));
        if (earlier !== undefined && same(earlier, entry)) return;
        await append([{ path: thingOf(entry), keepAt: '', restarts: '', kept: undefined, fresh: entry }]);
      }),
    notePaths: (changes) => inTurn(async () => append((await Promise.all(changes.map(groupOf))).flat())),
  };
}

/** One of RECORD's groups of lines. */
interface Group {
  readonly path: string;
  readonly keepAt: string;
  readonly restarts: string;
  readonly kept: ReceiptEntry | undefined;
  readonly fresh: ReceiptEntry | undefined;
}

/** Where the original of a path is kept. */
export function originalPath(path: string): string {
  return `${receiptDirectory}/originals/${digestOf(path)}`;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The entries of a receipt's text; a line torn by a crash is skipped. */
export function parseReceipt(text: string): readonly ReceiptEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const entry: ReceiptEntry = JSON.parse(line);
      return typeof entry === 'object' && entry !== null && 'kind' in entry ? [entry] : [];
    } catch {
      return [];
    }
  });
}

function keyOf(entry: ReceiptEntry): string {
  return `${entry.kind} ${thingOf(entry)}`;
}

function thingOf(entry: ReceiptEntry): string {
  switch (entry.kind) {
    case 'file':
    case 'upload':
    case 'link':
      return entry.path;
    case 'block':
      return `${entry.path} ${entry.name}`;
    case 'service':
      return entry.unit;
    case 'command':
      return entry.step;
    case 'packages':
      return entry.names.join(' ');
  }
}

/** JSON leaves undefined out, so a read entry has no `original` where a made one has undefined. */
function same(one: ReceiptEntry, other: ReceiptEntry): boolean {
  const sorted = (entry: ReceiptEntry) =>
    JSON.stringify(
      Object.entries(entry)
        .filter(([, value]) => value !== undefined)
        .sort(),
    );
  return sorted(one) === sorted(other);
}
