/** Splits a stream of bytes into lines, and bounds what a hostile file can make of memory. */

import { StringDecoder } from 'node:string_decoder';

export interface Line {
  readonly number: number;
  readonly text: string;
  /** Whether a line end followed: the last line of a file that was cut has none. */
  readonly ended: boolean;
}

/** A line longer than this is cut, and so unreadable. A read-back of an hour's writes is 2 MB. */
const longest = 16 * 1024 * 1024;

/** Lines without their ends, in batches. Empty ones are left out, but counted. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly Line[]> {
  const decoder = new StringDecoder('utf8');
  let number = 0;
  let partial = '';
  for await (const chunk of chunks) {
    const pieces = (typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))).split('\n');
    pieces[0] = partial + (pieces[0] ?? '');
    partial = pieces.pop() ?? '';
    if (partial.length > longest) partial = partial.slice(0, longest);
    yield pieces.flatMap((text) => {
      number += 1;
      return text.trim() === '' ? [] : [{ number, text, ended: true }];
    });
  }
  partial += decoder.end();
  if (partial.trim() !== '') yield [{ number: number + 1, text: partial, ended: false }];
}
