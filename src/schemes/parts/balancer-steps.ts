/** haproxy or nginx on one machine, in front of all apiservers. */

import { type Balancer, type ClusterSpec, masters } from '../../model/cluster.ts';
import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';
import { type BalancerInput, haproxyConfig } from '../../render/haproxy.ts';
import { haproxyRuns, haproxyTakesUp } from '../../render/haproxy-servers.ts';
import { nginxConfig } from '../../render/nginx.ts';
import { balancerUnit } from '../../render/systemd.ts';
import { fileStep, serviceStep } from './scheme-steps.ts';

const unit = 'trivet-balancer.service';
const paths = { haproxy: '/etc/trivet/balancer/haproxy.cfg', nginx: '/etc/trivet/balancer/nginx.conf' } as const;

export function balancerPackages(proxy: Balancer): readonly string[] {
  return proxy === 'haproxy' ? ['haproxy', 'socat'] : ['nginx-light', 'libnginx-mod-stream'];
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
  const unitFile = fileStep(host, 'balancer-unit', `/etc/systemd/system/${unit}`, balancerUnit({ program: proxy, configPath }), {
    restarts: unit,
  });
  if (proxy === 'nginx') {
    return [
      fileStep(host, 'balancer-config', configPath, nginxConfig(input), { restarts: unit }),
      unitFile,
      serviceStep(host, unit, 'run nginx in front of the apiservers', { reloads: true }),
    ];
  }
  return [
    // It restarts nothing: the last step brings a running haproxy to what is written, as gently as it can.
    fileStep(host, 'balancer-config', configPath, haproxyConfig(input), {}),
    unitFile,
    serviceStep(host, unit, 'run haproxy in front of the apiservers'),
    {
      id: 'endpoint/balancer-servers',
      host: host.name,
      title: `haproxy balances over ${input.backends.map(({ name }) => name).join(', ')}`,
      action: {
        kind: 'command',
        argv: ['sh', '-c', haproxyTakesUp(input, unit)],
        check: ['sh', '-c', haproxyRuns(input)],
        timeoutSeconds: 60,
        hint: `haproxy -c -f ${configPath}; journalctl -u ${unit} -n 50`,
      },
    },
  ];
}
