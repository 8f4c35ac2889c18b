/**
 * A process of its own for all probes, so that nothing else delays them. Reads a ProbePlan on standard input's first line,
 * prints events as NDJSON, and ends when its input does.
 */

import { probesFromInput } from './probes-from-input.ts';

await probesFromInput();
