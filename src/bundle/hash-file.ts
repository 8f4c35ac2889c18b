/** SHA-256 of files, streamed: a bundle's largest file is larger than the memory that `up` may take. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Large enough that reading costs less than hashing. */
export const readChunk = 1024 * 1024;

export interface Digest {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Throws the file system's error when the file cannot be read. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: readChunk, ...(signal && { signal }) });
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The bytes of a stream whose type does not say that they are bytes (tar-stream's). */
export async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}

/** Of a text or of bytes in memory. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
