/** haproxy and nginx as far as trivet asks them: which file and which servers the running one has taken up. */

import type { RunResult } from '../../src/model/connection.ts';
import { haproxySocket } from '../../src/render/haproxy.ts';
import { nginxTakenUp } from '../../src/render/systemd.ts';
import { runs } from './fake-cluster.ts';
import type { Answer, FakeMachine } from './fake-machine.ts';
import { digest } from './machine-state.ts';

export const balancerUnit = 'trivet-balancer.service';
/** What the running one has taken up: haproxy's tuning and servers, or the digest of nginx's file. Not in its own directory: that goes with it. */
export const balancerState = '/run/fake-balancer';

export const balancerAnswers: Answer = (argv, machine) => {
  const [program, flags, script = '', path = ''] = argv;
  if (program === 'grep' && flags === '-qs' && path === nginxTakenUp) {
    return { code: isRunning(machine) && machine.files.get(balancerState)?.content === script.slice(1) ? 0 : 1 };
  }
  if (argv.join(' ') === `systemctl reload ${balancerUnit}`) return reloadNginx(machine);
  if (program !== 'sh' || flags !== '-c' || !script.includes(haproxySocket)) return undefined;
  const tuning = /description: (trivet-[0-9a-f]+)/.exec(script)?.[1];
  const servers = /test "\$\(servers\)" = '([^']*)'/.exec(script)?.[1];
  if (tuning === undefined || servers === undefined) return undefined;
  return askHaproxy(machine, `${tuning}\n${servers}\n`, script.includes('del server'));
};

function askHaproxy(machine: FakeMachine, wanted: string, takesUp: boolean): Partial<RunResult> {
  if (!isRunning(machine)) return { code: 1, stderr: 'Connection refused\n' };
  if (takesUp) machine.put(balancerState, { content: wanted });
  return { code: machine.files.get(balancerState)?.content === wanted ? 0 : 1 };
}

function reloadNginx(machine: FakeMachine): Partial<RunResult> {
  const config = machine.files.get('/etc/trivet/balancer/nginx.conf');
  if (!isRunning(machine) || config === undefined) return { code: 1, stderr: `${balancerUnit} is not active\n` };
  machine.put(balancerState, { content: `${digest(config.content)} ` });
  return {};
}

function isRunning(machine: FakeMachine): boolean {
  return runs(machine, balancerUnit);
}
