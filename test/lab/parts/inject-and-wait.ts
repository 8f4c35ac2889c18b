/** An operator who puts a fault in and waits: to be killed by the test. Arguments: the cluster file, the fault, the id, the limit in seconds. */

import { readFileSync } from 'node:fs';
import { openConnections } from '../../../src/connection/open-connections.ts';
import { type FaultName, otherFaults } from '../../../src/drill/faults/fault.ts';
import { inject } from '../../../src/drill/faults/inject.ts';
import { labSwitchNamespace } from '../../../src/lab/run-in-lab.ts';
import { bind, specOf } from '../../fake-machine/rehearsal.ts';
import { emptyStatus } from './empty-status.ts';

const [file = '', name = '', id = '', limit = ''] = process.argv.slice(2);
const cluster = bind(specOf(readFileSync(file, 'utf8')), undefined);
const fault: FaultName | undefined = otherFaults.find((one) => one === name);
const [victim] = cluster.hosts;
if (fault === undefined || victim === undefined) throw new Error(`no such fault, or no host: ${name}`);
const { connect } = openConnections({ environment: process.env, prefix: ['nsenter', `--net=${labSwitchNamespace(cluster.lab ?? '')}`] });
await inject({
  fault,
  victim,
  view: { cluster, status: emptyStatus },
  connect,
  power: undefined,
  id,
  limitSeconds: Number(limit),
  signal: new AbortController().signal,
});
console.log('injected');
setInterval(() => undefined, 60_000);
