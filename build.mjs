/** Bundles src/cli/main.ts into dist/ for a quick start; chunks are replaced whole, so that a running trivet keeps working. */
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = process.env.TRIVET_DIST ?? join(root, 'dist');
const entry = process.env.TRIVET_ENTRY ?? join(root, 'src/cli/main.ts');
const started = new Date();

const result = await build({
  absWorkingDir: root,
  entryPoints: { main: entry },
  outdir: dist,
  bundle: true,
  write: false,
  format: 'esm',
  splitting: true,
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  sourcemap: 'external',
  legalComments: 'none',
  logLevel: 'error',
  mainFields: ['module', 'main'],
  // CommonJS dependencies ask for Node's own modules by require().
  banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
}).catch(() => process.exit(1));

await mkdir(dist, { recursive: true });
// The entry comes last: it must never name a chunk that is not there yet.
const files = result.outputFiles.toSorted((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
for (const file of files) await replace(file.path, file.contents);
await removeOld(new Set(files.map((file) => basename(file.path))));
await replace(join(dist, '.stamp'), '');
await utimes(join(dist, '.stamp'), started, started);

function isEntry(path) {
  return basename(path) === 'main.js';
}

async function replace(path, contents) {
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}

/** A trivet that has been running for long may still load a chunk of its own build. */
async function removeOld(current) {
  const dayAgo = started.getTime() - 24 * 3600 * 1000;
  for (const name of await readdir(dist)) {
    const path = join(dist, name);
    if (!current.has(name) && /\.js/.test(name) && (await stat(path)).mtimeMs < dayAgo) await rm(path, { force: true });
  }
}
