/** page-script.ts is made from page/: `TRIVET_UPDATE_GOLDEN=1 npx vitest run --project unit src/dashboard/page-script.test.ts` writes it anew. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const here = import.meta.dirname;

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'page', 'page.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
  });
  return outputFiles[0]?.text.trim() ?? '';
}

test('pageScript is the bundle of page/', async () => {
  const script = await bundled();
  if (process.env.TRIVET_UPDATE_GOLDEN === '1') {
    const words = '/** Made from page/ by page-script.test.ts, so that the dashboard needs neither bundler nor file: do not edit. */';
    writeFileSync(join(here, 'page-script.ts'), `${words}\n\nexport const pageScript = ${JSON.stringify(script)};\n`);
  }
  const { pageScript } = await import('./page-script.ts');
  expect(pageScript === script, 'page-script.ts is older than page/: make it anew with TRIVET_UPDATE_GOLDEN=1').toBe(true);
});

test('pageScript can stand in a script element', async () => {
  expect(await bundled()).not.toMatch(/<\/script|<!--/i);
});
