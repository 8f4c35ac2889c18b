/** An operator's process that switches a machine's power as a drill does: `node power-process.ts LAB MACHINE POWER LIMIT`; then waits to be killed, or for a line to undo. */

import { once } from 'node:events';
import { labPower } from '../../../src/lab/drill-power.ts';

const [lab = '', machine = '', power = 'off', limit = '30'] = process.argv.slice(2);
const { actedAtMs, undo } = await labPower(lab, { emit: () => undefined }).act(power === 'frozen' ? 'frozen' : 'off', machine, {
  limitSeconds: Number(limit),
  signal: new AbortController().signal,
});
process.stdout.write(`${actedAtMs}\n`);
await once(process.stdin, 'data');
await undo();
process.exit();
