/** In the npm package as executable/assemble.mjs: `node assemble.mjs DIRECTORY` makes DIRECTORY/trivet of the parts beside it. */
import { join } from 'node:path';
import { assemble } from './assemble.mjs';

await assemble(import.meta.dirname, join(process.argv[2] ?? '.', 'trivet'));
