/** `npm run build`, after the bundle: dist/trivet (one executable), dist/trivet-VERSION.tgz (npm) and dist/care-image.tar (OCI). */
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble } from './assemble.mjs';
import { executableParts } from './executable-parts.mjs';
import { npmPackage } from './npm-package.mjs';
import { run } from './run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
await mkdir(dist, { recursive: true });

await step('the executable (usually 7 s)', async () => {
  const parts = join(dist, `.parts-${process.pid}`);
  try {
    await executableParts(parts);
    await assemble(parts, join(dist, 'trivet'));
  } finally {
    await rm(parts, { recursive: true, force: true });
  }
  return join(dist, 'trivet');
});
await step('the npm package (usually 3 s)', () => npmPackage(root, dist));
await step("care's image (usually 5 s, the first time 25 s)", async () => {
  const output = join(dist, 'care-image.tar');
  await run(process.execPath, [join(root, 'build', 'care-image.ts'), join(dist, 'trivet'), output]);
  return output;
});

async function step(what, work) {
  const started = performance.now();
  console.error(`making ${what}`);
  const path = await work();
  const megabytes = ((await stat(path)).size / 1e6).toFixed(1);
  console.log(`${relative(process.cwd(), path)}  ${megabytes} MB  ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
