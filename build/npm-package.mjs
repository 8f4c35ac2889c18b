/** The npm package: the bundled command line with nothing to install beside it, and what it needs to make the executable for machines. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { executableParts, filesAtRunTime } from './executable-parts.mjs';
import { run } from './run.mjs';

/** CommonJS dependencies ask for Node's own modules by require(). */
const requires = "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Writes OUTPUT/trivet-VERSION.tgz and returns its path. */
export async function npmPackage(root, output) {
  const directory = join(output, `.package-${process.pid}`);
  try {
    await mkdir(directory, { recursive: true });
    await executableParts(join(directory, 'executable'));
    await Promise.all([
      esm(root, { main: 'src/cli/main.ts' }, join(directory, 'dist'), `#!/usr/bin/env node\n${requires}`),
      esm(root, { assemble: 'build/assemble-shipped.mjs' }, join(directory, 'executable'), requires, { '.js': '.mjs' }),
      ...[...filesAtRunTime, 'README.md'].map((path) => cp(join(root, path), join(directory, path), { recursive: true })),
    ]);
    const { name, version, description, license, type, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const own = { name, version, description, license, type, engines, os: ['linux', 'darwin'], bin: { trivet: 'dist/main.js' } };
    await writeFile(join(directory, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
    const packed = await run('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', output], { cwd: directory });
    return join(output, packed.trim().split('\n').at(-1) ?? '');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function esm(root, entryPoints, outdir, banner, outExtension = {}) {
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension,
    bundle: true,
    format: 'esm',
    splitting: Object.keys(outExtension).length === 0,
    platform: 'node',
    target: 'node22',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
    mainFields: ['module', 'main'],
    banner: { js: banner },
  });
}
