import { appendFile, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Failure } from '../model/failure.ts';
import { unpackedDirectory } from './bundle-paths.ts';
import { packTar } from './bundle-tar.ts';
import { openBundle } from './open-bundle.ts';
import { sampleContents, sampleManifest, writeSampleBundle } from './sample-bundle.ts';
import { verifyBundle } from './verify-bundle.ts';
import { type TarEntry, writeTar } from './write-tar.ts';

const { kube, cluster, runc } = sampleContents;
const before = process.env.XDG_CACHE_HOME;
let scratch = '';
let bundle = '';

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'open-bundle-'));
  process.env.XDG_CACHE_HOME = join(scratch, 'cache');
  bundle = join(scratch, 'bundle');
  await writeSampleBundle(bundle);
});
afterEach(async () => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  await rm(scratch, { recursive: true });
});

async function findings(opening: Promise<unknown>): Promise<readonly string[]> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  if (!(error instanceof Failure)) return [];
  expect(error.code).toBe('BUNDLE');
  expect(error.remedy).toBeTruthy();
  return error.findings;
}

async function tarOf(entries: readonly TarEntry[]): Promise<string> {
  const file = join(scratch, 'bundle.tar');
  await writeTar(file, entries);
  return file;
}

const files = (): readonly TarEntry[] =>
  ['manifest.json', kube.path, cluster.path, runc.path].map((path) => ({ kind: 'file', path, source: join(bundle, path), mode: 0o644 }));

test('openBundle returns a whole directory with its manifest and its packages as one tar a release', async () => {
  const opened = await openBundle(bundle);
  expect(opened).toMatchObject({ directory: bundle, manifest: sampleManifest() });
  expect(opened.packageArchives).toMatchObject([{ release: 'trixie', bytes: expect.any(Number) }]);
  expect(await openBundle(bundle)).toEqual(opened);
  await expect(stat(opened.packageArchives[0]?.path ?? '')).resolves.toMatchObject({ size: opened.packageArchives[0]?.bytes });
});

test('openBundle names every bad file at once: changed, truncated, missing, extra, a link', async () => {
  await writeFile(join(bundle, kube.path), kube.text.replace('all', 'any'));
  await truncate(join(bundle, cluster.path), 3);
  await rm(join(bundle, runc.path));
  await writeFile(join(bundle, 'images', 'more.tar'), '');
  const found = await findings(openBundle(bundle));
  expect(found).toHaveLength(4);
  expect(found[0]).toBe('images/more.tar: not in manifest.json');
  expect(found[1]).toContain(`${kube.path}: SHA-256 is`);
  expect(found[2]).toBe(`${cluster.path}: 3 bytes instead of ${cluster.text.length}`);
  expect(found[3]).toBe(`${runc.path}: missing`);
  await symlink('/etc/hostname', join(bundle, runc.path));
  expect(await findings(openBundle(bundle))).toContain(`${runc.path}: not a regular file`);
});

test('openBundle finds a byte changed after a verification, even when the time of change is set back', async () => {
  const path = join(bundle, kube.path);
  await openBundle(bundle);
  const { atime, mtime } = await stat(path);
  await writeFile(path, kube.text.replace('all', 'any'));
  await utimes(path, atime, mtime);
  expect(await findings(openBundle(bundle))).toHaveLength(1);
  expect(await findings(verifyBundle(bundle))).toHaveLength(1);
});

test('openBundle refuses a bundle without an image that a cluster needs', async () => {
  const [binary, image, ...rest] = sampleManifest().files;
  if (binary === undefined || image === undefined) throw new Error('the sample has both');
  const images = image.images?.filter((reference) => !reference.includes('etcd')) ?? [];
  await writeSampleBundle(bundle, { ...sampleManifest(), files: [binary, { ...image, images }, ...rest] });
  expect(await findings(openBundle(bundle))).toEqual(['image etcd: not in the bundle']);
});

test('openBundle says what to do when there is no bundle or no manifest', async () => {
  await findings(openBundle(join(scratch, 'nowhere')));
  await rm(join(bundle, 'manifest.json'));
  await findings(openBundle(bundle));
});

test('openBundle unpacks a tar once and opens the unpacked directory from then on', async () => {
  const tar = join(scratch, 'bundle.tar');
  await packTar(await openBundle(bundle), tar);
  const opened = await openBundle(tar);
  expect(opened.manifest).toEqual(sampleManifest());
  expect(await readFile(join(opened.directory, kube.path), 'utf8')).toBe(kube.text);
  const { ino } = await stat(opened.directory);
  expect((await openBundle(tar)).directory).toBe(opened.directory);
  expect((await stat(opened.directory)).ino).toBe(ino);
  await appendFile(join(opened.directory, kube.path), 'x');
  await openBundle(tar);
  expect(await readFile(join(opened.directory, kube.path), 'utf8')).toBe(kube.text);
});

test('openBundle and verifyBundle take a tar that another program packed, with directories, ./ and the manifest last', async () => {
  const entries = files().map((entry) => ({ ...entry, path: `./${entry.path}` }));
  const tar = await tarOf([{ kind: 'directory', path: './' }, { kind: 'directory', path: './images/' }, ...entries.reverse()]);
  expect((await openBundle(tar)).manifest).toEqual(sampleManifest());
  expect(await verifyBundle(tar)).toEqual(sampleManifest());
});

test.each([
  ['..', { kind: 'text', path: '../evil', text: '' }],
  ['an absolute path', { kind: 'text', path: '/tmp/trivet-evil', text: '' }],
  ['a directory outside', { kind: 'directory', path: '../../evil' }],
  ['a symbolic link', { kind: 'link', path: 'images', target: '/etc' }],
] satisfies readonly (readonly [string, TarEntry])[])('openBundle refuses a tar with %s and writes nothing', async (_, entry) => {
  for (const tar of [await tarOf([entry, ...files()]), await tarOf([...files(), entry])]) {
    expect(await findings(openBundle(tar))).toHaveLength(1);
    expect(await findings(verifyBundle(tar))).toHaveLength(1);
    expect(await readdir(unpackedDirectory()).catch(() => [])).toEqual([]);
  }
});

test('openBundle names what is wrong inside a tar: changed, missing, extra', async () => {
  await writeFile(join(bundle, kube.path), kube.text.replace('all', 'any'));
  const tar = await tarOf([...files().filter(({ path }) => path !== cluster.path), { kind: 'text', path: 'README', text: '' }]);
  for (const open of [openBundle, verifyBundle]) {
    const found = await findings(open(tar));
    expect(found.map((finding) => finding.split(':')[0])).toEqual([kube.path, 'README', cluster.path]);
  }
  expect(await readdir(unpackedDirectory())).toEqual([]);
});

test('openBundle refuses a tar that was cut off, and a file that is none', async () => {
  const tar = await tarOf(files());
  await truncate(tar, 2000);
  await findings(openBundle(tar));
  await findings(verifyBundle(tar));
  await writeFile(tar, 'x'.repeat(2000));
  await findings(openBundle(tar));
});
