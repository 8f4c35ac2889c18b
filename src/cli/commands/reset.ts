/** trivet reset: what the receipts name goes, and is proved to be gone. */

import { lockMachines } from '../../engine/lock.ts';
import { runSequence } from '../../engine/run-sequence.ts';
import { masters } from '../../model/cluster.ts';
import { Failure } from '../../model/failure.ts';
import { reset as resetSequence } from '../../sequences/reset.ts';
import { confirm } from '../ask.ts';
import { printPlan } from '../print-plan.ts';
import { showEvents } from '../show-events.ts';
import { withCluster } from '../with-cluster.ts';
import { operator, type RunOptions } from './up.ts';

export async function reset(options: RunOptions): Promise<void> {
  const json = options.output === 'json';
  const screen = showEvents({ stream: process.stderr, tty: process.stderr.isTTY === true, verbose: options.verbose ?? false });
  try {
    await withCluster(
      options,
      { bundle: false, listeners: json ? [] : [screen.listen], beforeAsking: screen.pause, command: 'reset' },
      async (session) => {
        const { cluster, connect, emit, signal } = session;
        const input = { sequence: resetSequence, cluster, connect, emit, signal, operator };
        if (options.dryRun) {
          const { planned } = await runSequence({ ...input, mode: 'plan' });
          screen.close();
          printPlan(planned, { json, stream: process.stdout });
          return;
        }
        const names = cluster.hosts.map((host) => host.name).join(', ');
        if (!options.yes && !(await confirm(`Remove the cluster ${cluster.name} and all its data from ${names}?`))) {
          throw new Failure('CONFIRMATION', 'not confirmed: nothing was removed');
        }
        const lock = await lockMachines({ hosts: masters(cluster), connect, operator, signal });
        void lock.lost.then(session.abort);
        try {
          const { changed, seconds } = await runSequence({ ...input, mode: 'apply' });
          screen.close();
          if (json) process.stdout.write(`${JSON.stringify({ cluster: cluster.name, changed, seconds })}\n`);
          else
            process.stdout.write(
              `${cluster.name}: ${changed === 0 ? 'there was nothing to remove' : 'removed, and nothing is left'} (${seconds.toFixed(1)} s)\n`,
            );
        } finally {
          await lock.release();
        }
      },
    );
  } finally {
    screen.close();
  }
}
