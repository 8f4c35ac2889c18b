/** What the daemon loads when it starts decides how quick and how large it is. */

import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/local/package-root.ts';

test('what the executable loads for care holds no package', async () => {
  const { metafile } = await build({
    absWorkingDir: packageRoot(),
    entryPoints: [join(packageRoot(), 'src/cli/care/care-main.ts')],
    outfile: 'main.js',
    bundle: true,
    write: false,
    minify: true,
    format: 'cjs',
    platform: 'node',
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.keys(output?.inputs ?? {});
  expect(inputs.filter((path) => path.includes('node_modules') || /^src\/(spec|kubernetes|phases|engine)\//.test(path))).toEqual([]);
  expect(inputs).toContain('src/care/run-care.ts');
  expect(output?.bytes).toBeLessThan(220_000);
});
