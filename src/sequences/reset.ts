/** trivet reset: the machines as they were before trivet, by what the receipts say. */

import type { Sequence } from '../model/phase.ts';
import { proveGone, restore, stopKubernetes } from '../phases/reset.ts';

export const reset: Sequence = {
  name: 'reset',
  summary: 'remove what trivet put on the machines, and prove that it is gone',
  stages: [[stopKubernetes], [restore], [proveGone]],
};
