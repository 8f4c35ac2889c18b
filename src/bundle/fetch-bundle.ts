/** Fetches a bundle's tar by http: for sites that serve one file to many operators. */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cacheDirectory } from '../local/directories.ts';
import { Failure } from '../model/failure.ts';

/** Path of the fetched tar in the cache. Failure BUNDLE when it cannot be fetched or has another SHA-256; nothing is kept then. */
export async function fetchBundle(url: string, sha256: string): Promise<string> {
  const directory = join(cacheDirectory(), 'fetched');
  const path = join(directory, `${sha256}.tar`);
  if (existsSync(path) && (await digestOfFile(path)) === sha256) return path;
  mkdirSync(directory, { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  try {
    const response = await fetch(url);
    if (!response.ok || response.body === null) {
      throw new Failure('BUNDLE', `${url} answers ${response.status}`, { remedy: 'see whether the server has the file' });
    }
    const found = await saveWithDigest(Readable.fromWeb(response.body), partial);
    if (found !== sha256) {
      throw new Failure('BUNDLE', `what ${url} gives has SHA-256 ${found}, not ${sha256}`, {
        remedy: 'compare with sha256sum on the server; a proxy in between may have answered instead',
      });
    }
    renameSync(partial, path);
    return path;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('BUNDLE', `${url} cannot be fetched: ${reasonOf(error)}`, { cause: error, remedy: `try: curl -I ${url}` });
  } finally {
    rmSync(partial, { force: true });
  }
}

async function saveWithDigest(source: Readable, path: string): Promise<string> {
  const hash = createHash('sha256');
  const tap = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(source, tap, createWriteStream(path));
  return hash.digest('hex');
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
