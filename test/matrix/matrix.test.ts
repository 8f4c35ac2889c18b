/** The whole matrix of schemes, for `npm run test:matrix`: about an hour on a quiet box. TRIVET_MATRIX_ONLY is a regular expression on cases' names. */

import { afterAll, beforeAll } from 'vitest';
import { variantName } from '../../bench/parts/variant.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { emit } from '../lab/on-lab.ts';
import { matrixCase } from '../lab/parts/matrix-case.ts';
import { fullMatrix } from '../lab/parts/matrix-cases.ts';

const lab = process.env.TRIVET_MATRIX_LAB ?? 'matrixfull';
const only = new RegExp(process.env.TRIVET_MATRIX_ONLY ?? '');

beforeAll(async () => {
  await labDown(lab, { emit });
});

afterAll(async () => {
  await labDown(lab, { emit });
});

for (const theCase of fullMatrix) if (only.test(variantName(theCase))) matrixCase(lab, theCase);
