/** Phases of reset: stop Kubernetes, undo what the receipt says, prove that it is gone, forget. */

import { leftovers } from '../facts/leftovers.ts';
import { type Receipt, receipt } from '../facts/receipt.ts';
import { Failure } from '../model/failure.ts';
import type { Phase, PlanInput } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { restoreScript, stopScript } from '../render/reset-scripts.ts';

const everyHost: Phase['hosts'] = (cluster) => cluster.hosts;

export const stopKubernetes: Phase = {
  name: 'stop-kubernetes',
  summary: 'stop pods, kubelet, containerd and the endpoint',
  usualSeconds: 20,
  order: 'parallel',
  hosts: everyHost,
  plan: async (input) => {
    const known = await ownReceipt(input);
    if (known === undefined) return [];
    const installedContainerd = known.entries.some((entry) => entry.kind === 'packages' && entry.names.includes('containerd'));
    return [
      step(input, 'stop-kubernetes/stop', 'stop and remove Kubernetes', {
        kind: 'command',
        argv: [
          'sh',
          '-c',
          stopScript({ ownContainerd: installedContainerd, stackedEtcd: isStacked(input), careEndpoint: careEndpoint(input) }),
        ],
        check: [
          'sh',
          '-c',
          `test ! -e /etc/kubernetes/pki && test ! -e /etc/kubernetes/manifests && ${isStacked(input) ? 'test ! -e /var/lib/etcd/member && ' : ''}test ! -e /var/lib/kubelet/config.yaml && ! systemctl -q is-active kubelet && test ! -e /run/trivet-balancer && test ! -e /run/trivet-vip && test ! -e /run/trivet-care && test ! -e /var/lib/trivet-care && test ! -e /sys/class/net/cni0`,
        ],
        timeoutSeconds: 300,
        hint: 'a pod may hold a mount: findmnt | grep kubelet; reboot the machine and run trivet reset again',
      }),
    ];
  },
};

export const restore: Phase = {
  name: 'restore',
  summary: 'remove what the receipt names, bring back what was there before',
  usualSeconds: 15,
  order: 'parallel',
  hosts: everyHost,
  plan: async (input) => {
    const known = await ownReceipt(input);
    if (known === undefined) return [];
    const looks = leftovers(known.entries, { stackedEtcd: isStacked(input) });
    const remaining = await input.read(input.host, looks);
    if (remaining.length === 0) return [];
    return [
      step(input, 'restore/receipt', `undo ${known.entries.length} recorded changes`, {
        kind: 'command',
        argv: ['sh', '-c', restoreScript(known.entries)],
        check: ['sh', '-c', `left=$(${looks.argv[2] ?? ''}); printf '%s\\n' "$left"; test -z "$left"`],
        timeoutSeconds: 600,
        hint: 'dpkg --audit tells of half removed packages',
      }),
    ];
  },
};

export const proveGone: Phase = {
  name: 'prove-gone',
  summary: 'look that nothing is left, then forget the receipt',
  usualSeconds: 2,
  order: 'parallel',
  hosts: everyHost,
  plan: async (input) => {
    const known = await ownReceipt(input);
    if (known === undefined) return [];
    if ((await input.read(input.host, receiptIsDone)) === 'forgotten') return [];
    return [
      step(input, 'prove-gone/forget', 'prove that nothing is left, forget the receipt', {
        kind: 'command',
        argv: [
          'sh',
          '-c',
          `left=$(${leftovers(known.entries, { stackedEtcd: isStacked(input) }).argv[2] ?? ''}); if [ -n "$left" ]; then echo "still there:"; echo "$left"; exit 1; fi; rm -rf /opt/trivet /var/log/trivet /var/lib/trivet`,
        ],
        check: ['test', '!', '-e', '/var/lib/trivet'],
        timeoutSeconds: 60,
        hint: 'remove by hand what the log lists, then run trivet reset again',
      }),
    ];
  },
};

const receiptIsDone = {
  name: 'receipt-is-done',
  argv: ['test', '-e', '/var/lib/trivet'],
  parse: ({ code }: { readonly code: number }) => (code === 0 ? ('there' as const) : ('forgotten' as const)),
};

function careEndpoint({ cluster }: PlanInput) {
  return cluster.scheme.name === 'local-care' ? cluster.endpoint : undefined;
}

function isStacked({ cluster }: PlanInput): boolean {
  return cluster.etcd.name === 'stacked';
}

/** undefined on a machine without a receipt: what trivet did not put there, it does not take away. */
async function ownReceipt({ cluster, host, read }: PlanInput): Promise<Receipt | undefined> {
  const known = await read(host, receipt);
  if (known.cluster !== undefined && known.cluster !== cluster.name) {
    throw new Failure('FOREIGN_CLUSTER', `${host.name} belongs to the cluster ${known.cluster}, not to ${cluster.name}`, {
      host: host.name,
      remedy: `take ${host.name} out of this cluster file, or reset it with the file of ${known.cluster}`,
    });
  }
  return known.cluster === undefined && known.entries.length === 0 ? undefined : known;
}

function step({ host }: PlanInput, id: string, title: string, action: Step['action']): Step {
  return { id, host: host.name, title, action };
}
