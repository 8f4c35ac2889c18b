/** haproxy or nginx on one machine, in front of all apiservers. */

import { createHash } from 'node:crypto';
import { type Balancer, type ClusterSpec, masters } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { type BalancerInput, haproxyConfig } from '../../render/haproxy.ts';
import { haproxyRuns, haproxyTakesUp } from '../../render/haproxy-servers.ts';
import { nginxConfig, nginxSocket } from '../../render/nginx.ts';
import { balancerUnit, nginxTakenUp } from '../../render/systemd.ts';
import { fileStep, removeStep, serviceStep, stoppedStep } from './scheme-steps.ts';

const unit = 'trivet-balancer.service';
const unitPath = `/etc/systemd/system/${unit}`;
const paths = { haproxy: '/etc/trivet/balancer/haproxy.cfg', nginx: '/etc/trivet/balancer/nginx.conf' } as const;

export function balancerPackages(proxy: Balancer): readonly string[] {
  return proxy === 'haproxy' ? ['haproxy', 'socat'] : ['nginx', 'libnginx-mod-stream'];
}

/** Where the watcher asks whether the balancer lives; haproxy is asked through: it leads to apiservers that serve, or nowhere. */
export function balancerSocket(proxy: Balancer): string | undefined {
  return proxy === 'nginx' ? nginxSocket : undefined;
}

/** What a balancer in front of all of a cluster's masters is made of. `balancers`: how many machines run one. */
export function balancerInput(
  cluster: ClusterSpec,
  listen: { readonly address: string; readonly port: number },
  balancers: number,
): BalancerInput {
  return {
    listenAddress: listen.address,
    listenPort: listen.port,
    backends: masters(cluster).map((master) => ({ name: master.name, address: master.internalAddress, port: 6443 })),
    balancers,
  };
}

export function balancerSteps(host: Host, proxy: Balancer, input: BalancerInput): readonly Step[] {
  const configPath = paths[proxy];
  const [config, takeUp] = proxy === 'haproxy' ? haproxySteps(input) : nginxSteps(input);
  const other = proxy === 'haproxy' ? paths.nginx : paths.haproxy;
  return [
    // It restarts nothing: the last step brings what runs to what is written, as gently as it can.
    fileStep(host, 'balancer-config', configPath, config, {}),
    fileStep(host, 'balancer-unit', unitPath, balancerUnit({ program: proxy, configPath }), { restarts: unit }),
    serviceStep(host, unit, `run ${proxy} in front of the apiservers`),
    { id: 'endpoint/balancer-servers', host: host.name, ...takeUp },
    removeStep(host, 'no-other-balancer', other),
  ];
}

/** For a scheme that puts none on this machine, where another one may have. */
export function noBalancerSteps(host: Host): readonly Step[] {
  return [
    stoppedStep(host, unit, 'stop the balancer in front of the apiservers'),
    removeStep(host, 'no-balancer-unit', unitPath),
    removeStep(host, 'no-haproxy', paths.haproxy),
    removeStep(host, 'no-nginx', paths.nginx),
  ];
}

type TakeUp = Pick<Step, 'title' | 'action'>;

function haproxySteps(input: BalancerInput): readonly [string, TakeUp] {
  const action: Step['action'] = {
    kind: 'command',
    argv: ['sh', '-c', haproxyTakesUp(input, unit)],
    check: ['sh', '-c', haproxyRuns(input)],
    timeoutSeconds: 60,
    hint: `haproxy -c -f ${paths.haproxy}; journalctl -u ${unit} -n 50`,
  };
  return [haproxyConfig(input), { title: `haproxy balances over ${names(input)}`, action }];
}

function nginxSteps(input: BalancerInput): readonly [string, TakeUp] {
  const config = nginxConfig(input);
  const action: Step['action'] = {
    kind: 'command',
    argv: ['systemctl', 'reload', unit],
    check: ['grep', '-qs', `^${createHash('sha256').update(config).digest('hex')} `, nginxTakenUp],
    timeoutSeconds: 60,
    hint: `nginx -t -c ${paths.nginx}; journalctl -u ${unit} -n 50`,
  };
  return [config, { title: `nginx balances over ${names(input)}`, action }];
}

function names({ backends }: BalancerInput): string {
  return backends.map(({ name }) => name).join(', ');
}
