/** The small part of the matrix of schemes (see parts/matrix-cases.ts): about four minutes a case on a quiet box. */

import { afterAll, beforeAll } from 'vitest';
import { labDown } from '../../src/lab/lab-down.ts';
import { emit } from './on-lab.ts';
import { matrixCase } from './parts/matrix-case.ts';
import { smallMatrix } from './parts/matrix-cases.ts';

const lab = 'matrixtest';

beforeAll(async () => {
  await labDown(lab, { emit });
});

afterAll(async () => {
  await labDown(lab, { emit });
});

for (const theCase of smallMatrix) matrixCase(lab, theCase);
