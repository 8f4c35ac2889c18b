import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchBundle } from './fetch-bundle.ts';

const content = 'as if it were a tar';
const digest = createHash('sha256').update(content).digest('hex');
const cacheBefore = process.env.XDG_CACHE_HOME;
const cache = mkdtempSync(join(tmpdir(), 'trivet-fetch-'));
let server: Server;
let asked = 0;
let url: string;

beforeAll(async () => {
  process.env.XDG_CACHE_HOME = cache;
  server = createServer((request, response) => {
    asked++;
    response.statusCode = request.url === '/bundle.tar' ? 200 : 404;
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});

afterAll(() => {
  server.close();
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheBefore;
  rmSync(cache, { recursive: true });
});

test('fetchBundle: refuses another content and keeps nothing of it', async () => {
  await expect(fetchBundle(`${url}/bundle.tar`, '0'.repeat(64))).rejects.toMatchObject({
    code: 'BUNDLE',
    message: expect.stringContaining(digest),
  });
  await expect(fetchBundle(`${url}/missing`, digest)).rejects.toMatchObject({ code: 'BUNDLE', message: expect.stringContaining('404') });
  expect(readdirSync(join(cache, 'trivet', 'fetched'))).toEqual([]);
});

test('fetchBundle: fetches once, then takes it from the cache', async () => {
  const path = await fetchBundle(`${url}/bundle.tar`, digest);
  expect(readFileSync(path, 'utf8')).toBe(content);
  const before = asked;
  expect(await fetchBundle(`${url}/bundle.tar`, digest)).toBe(path);
  expect(asked).toBe(before);
});
