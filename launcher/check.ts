/** `npm run check`: everything that needs no lab. */

import { runChecks } from './checks.ts';

const count = await runChecks();
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 ? 0 : 1;
