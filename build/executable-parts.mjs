/** What the one executable is put together from: a small main, care, the drills' agent, the whole command line, and the files that it reads. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Below the package's root at run time, in a checkout and in the npm package alike. */
export const filesAtRunTime = ['package.json', 'LICENSE', 'src/bundle/modules'];

/** An expression, so that what loads it hands over what CommonJS takes for granted. */
const asFunction = { banner: '(function(require,module){', footer: '})' };

/** Writes main.js, care.js, agent.js, cli.js and files/ into the directory, which is replaced. */
export async function executableParts(directory) {
  const temporary = `${directory}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await Promise.all([
    bundle('src/cli/executable.ts', join(temporary, 'main.js')),
    bundle('src/cli/care/care-main.ts', join(temporary, 'care.js'), asFunction),
    bundle('src/drill/agent/agent-main.ts', join(temporary, 'agent.js'), asFunction),
    bundle('src/cli/run-cli.ts', join(temporary, 'cli.js'), asFunction),
    ...filesAtRunTime.map((path) => cp(join(root, path), join(temporary, 'files', path), { recursive: true })),
  ]);
  const files = await readdir(join(temporary, 'files'), { recursive: true, withFileTypes: true });
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(join(temporary, 'files/').length));
  const hash = createHash('sha256');
  for (const path of paths.sort()) hash.update(`${path}\n`).update(await readFile(join(temporary, 'files', path)));
  await writeFile(join(temporary, 'files.txt'), `${paths.join('\n')}\n`);
  await writeFile(join(temporary, 'files.sha256'), hash.digest('hex'));
  await rm(directory, { recursive: true, force: true });
  await rename(temporary, directory);
}

async function bundle(entry, outfile, { banner = '', footer = '' } = {}) {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
    mainFields: ['module', 'main'],
    // Node's own modules: import() knows no loader inside an executable.
    supported: { 'dynamic-import': false },
    // There is no import.meta in it; what asks for one asks node:sea first.
    logOverride: { 'empty-import-meta': 'silent' },
    banner: { js: banner },
    footer: { js: footer },
  });
}
