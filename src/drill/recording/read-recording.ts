/** Reads a recording from a file or a stream: what cannot be one is refused, what is less than whole is marked as such. */

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Failure } from '../../model/failure.ts';
import { type Fields, Unreadable } from './fields.ts';
import { type Line, linesOf } from './lines.ts';
import { kindOf, readEvent, sourceOf } from './read-event.ts';
import { readFooter, readHeader } from './read-header.ts';
import {
  type RecordedLine,
  type Recording,
  type RecordingDefect,
  type RecordingFooter,
  type RecordingHeader,
  recordingFormat,
  timeOf,
} from './recording.ts';
import { openSources } from './sources.ts';

/** More are only counted. */
const defectsTold = 20;
/** Lines beyond this are not read: an hour at ten times the usual pace. */
const mostLines = 5_000_000;

/** A file (also one packed by gzip, named .gz) or its bytes. A Failure DRILL_RECORDING, with the line, when it is no recording for this trivet. */
export async function readRecording(source: string | AsyncIterable<Uint8Array | string>, name?: string): Promise<Recording> {
  const shown = name ?? (typeof source === 'string' ? basename(source) : 'recording');
  const reader = recordingReader(shown);
  try {
    for await (const lines of linesOf(typeof source === 'string' ? open(source) : source)) {
      for (const line of lines) reader.take(line);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    // The end of a packed file may be missing; what came before it is judged as a recording that was cut.
    if (!reader.begun()) throw new Failure('DRILL_RECORDING', `${shown} cannot be read: ${reason}`, { cause: error });
    reader.broken(reason);
  }
  return reader.end();
}

function open(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!path.endsWith('.gz')) return file;
  const unpacked = createGunzip({ chunkSize: 1 << 20 });
  file.on('error', (error) => unpacked.destroy(error));
  return file.pipe(unpacked);
}

interface Reader {
  readonly take: (line: Line) => void;
  readonly begun: () => boolean;
  readonly broken: (reason: string) => void;
  readonly end: () => Recording;
}

function recordingReader(name: string): Reader {
  let header: RecordingHeader | undefined;
  let footer: RecordingFooter | undefined;
  let unknownLines = 0;
  let lastLine = 0;
  let defectCount = 0;
  const defects: RecordingDefect[] = [];
  const lines: RecordedLine[] = [];
  const unknown = new Map<string, number>();
  const sources = openSources();

  const defect = (line: number, what: string) => {
    defectCount += 1;
    if (defects.length < defectsTold) defects.push({ line, what });
  };

  function takeEvent(number: number, fields: Fields): void {
    const event = readEvent(fields);
    if (event === undefined) {
      unknownLines += 1;
      unknown.set(String(fields.get('kind')), (unknown.get(String(fields.get('kind'))) ?? 0) + 1);
      return;
    }
    const laterMs = sources.take(event);
    if (laterMs !== undefined) {
      defect(number, `out of order: ${sourceOf(event)} goes back from ${seconds(laterMs)} to ${seconds(timeOf(event))}`);
    }
    lines.push({ line: number, event });
  }

  function takeFields(number: number, text: string): void {
    const { kind, fields } = kindOf(JSON.parse(text));
    if (header === undefined) {
      header = headerOf(name, number, kind, fields);
      return;
    }
    if (kind === 'recording') throw new Failure('DRILL_RECORDING', `${name}, line ${number}: a second header: two recordings in one file`);
    if (footer !== undefined) defect(number, 'something follows the end');
    else if (kind === 'end') footer = readFooter(fields);
    else takeEvent(number, fields);
  }

  return {
    begun: () => header !== undefined,
    broken: (reason) => defect(lastLine + 1, `unreadable from here on: ${reason}`),
    take({ number, text, ended }) {
      lastLine = number;
      if (lines.length >= mostLines) throw new Failure('DRILL_RECORDING', `${name}, line ${number}: more than ${mostLines} events`);
      try {
        takeFields(number, text);
      } catch (error) {
        if (error instanceof Failure) throw error;
        const reason = error instanceof Unreadable ? error.message : 'not JSON';
        if (header === undefined) throw foreign(name, `line ${number}: ${reason}`);
        defect(number, ended ? `unreadable: ${reason}` : 'cut off in the middle of a line');
      }
    },
    end() {
      if (header === undefined) throw foreign(name, 'it is empty');
      if (footer === undefined) defect(lastLine, 'truncated: the end is missing');
      else if (!footer.complete) defect(lastLine, 'the drill was stopped before its end');
      else for (const what of miscounts(footer, new Map([...unknown, ...sources.counts()]))) defect(lastLine, what);
      if (defectCount > defects.length) defects.push({ line: lastLine, what: `and ${defectCount - defects.length} more` });
      // Places report in turns, so that a file as a whole is only nearly in order.
      lines.sort((a, b) => timeOf(a.event) - timeOf(b.event) || a.line - b.line);
      const lastMs = lines.reduce((latestMs, { event }) => Math.max(latestMs, timeOf(event)), 0);
      return { name, header, lines, endMs: Math.max(footer?.atMs ?? 0, lastMs), footer, defects, unknownLines };
    },
  };
}

function headerOf(name: string, line: number, kind: unknown, fields: Fields): RecordingHeader {
  if (kind !== 'recording') throw foreign(name, `line ${line} is no header`);
  const format = fields.get('format');
  if (typeof format === 'number' && format > recordingFormat) {
    const made = fields.get('trivet');
    throw new Failure('DRILL_RECORDING', `${name}, line ${line}: format ${format}; this trivet reads ${recordingFormat} and older`, {
      remedy: `use trivet ${typeof made === 'string' && /^[\w.+-]{1,40}$/.test(made) ? made : 'as new as the one that recorded it'} or newer`,
    });
  }
  try {
    return readHeader(fields);
  } catch (error) {
    throw new Failure('DRILL_RECORDING', `${name}, line ${line}: the header is not whole: ${error instanceof Error ? error.message : ''}`);
  }
}

function foreign(name: string, why: string): Failure {
  return new Failure('DRILL_RECORDING', `${name} is no recording of a drill: ${why}`, {
    remedy: 'give a file that begins with {"kind":"recording",…}',
  });
}

function miscounts(footer: RecordingFooter, counts: ReadonlyMap<string, number>): readonly string[] {
  const names = new Set([...Object.keys(footer.counts), ...counts.keys()]);
  return [...names].flatMap((name) => {
    const said = Object.hasOwn(footer.counts, name) ? (footer.counts[name] ?? 0) : 0;
    const found = counts.get(name) ?? 0;
    return said === found ? [] : [`lines are missing or were added: the end counts ${said} of ${name}, there are ${found}`];
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
