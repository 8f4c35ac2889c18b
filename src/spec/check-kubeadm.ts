/** Raw kubeadm configuration: what the cluster file has a key of its own for may not be said twice, and Docker not at all. */

import type { Draft } from './draft.ts';
import type { Finding, Meaning, Path } from './finding.ts';
import { record, valueAt } from './record.ts';
import { dockerReason, isDocker } from './unsupported.ts';

/** Fields that trivet renders from other keys; overriding them would make the rest of the file untrue. */
const ownKeys: readonly (readonly [Path, string])[] = [
  [['clusterConfiguration', 'kubernetesVersion'], 'spec.kubernetes.version'],
  [['clusterConfiguration', 'controlPlaneEndpoint'], 'spec.controlPlaneEndpoint'],
  [['clusterConfiguration', 'networking'], 'spec.network'],
  [['clusterConfiguration', 'apiServer', 'certSANs'], 'spec.controlPlaneEndpoint.extraSANs'],
  [['clusterConfiguration', 'etcd', 'external'], 'spec.etcd'],
  [['initConfiguration', 'localAPIEndpoint', 'bindPort'], 'spec.controlPlaneEndpoint.port'],
  [['initConfiguration', 'localAPIEndpoint', 'advertiseAddress'], "each host's internalAddress"],
  [['initConfiguration', 'nodeRegistration', 'name'], "each host's name"],
  [['initConfiguration', 'certificateKey'], 'a key made for each run'],
  [['joinConfiguration', 'nodeRegistration', 'name'], "each host's name"],
  [['joinConfiguration', 'discovery'], 'a token made for each run'],
  [['joinConfiguration', 'controlPlane'], "each host's roles and internalAddress"],
  [['kubeletConfiguration', 'clusterDomain'], 'spec.network.dnsDomain'],
];

const criSockets: readonly Path[] = [
  ['initConfiguration', 'nodeRegistration', 'criSocket'],
  ['joinConfiguration', 'nodeRegistration', 'criSocket'],
];

const place = (path: Path): Path => ['spec', 'kubernetes', 'kubeadm', ...path];
const atKey = (path: Path, message: string): Finding => ({ path: place(path), at: 'key', message, expected: '' });

export function kubeadmFindings(draft: Draft): Meaning {
  const { kubeadm } = draft;
  const findings = [
    ...ownKeys.flatMap(([path, key]) =>
      valueAt(path, kubeadm) === undefined ? [] : [atKey(path, `trivet sets this from ${key}; leave it out here`)],
    ),
    ...criSockets.flatMap((path): readonly Finding[] =>
      isDocker(valueAt(path, kubeadm)) ? [{ path: place(path), at: 'value', message: dockerReason, expected: '' }] : [],
    ),
    ...(ownsApiserverPort(draft) ? boundApiserverFindings(kubeadm, draft.scheme?.kind ?? '') : []),
    ...(draft.etcd?.topology === 'external' ? externalEtcdFindings(kubeadm) : []),
  ];
  return { findings, warnings: [...replacedLists(draft), ...rivalOfIpvs(draft)] };
}

/** Something of the scheme's own listens on 6443 on every node. */
function ownsApiserverPort({ scheme }: Draft): boolean {
  return scheme?.kind === 'local-proxy' || (scheme?.kind === 'local-care' && scheme.backend === 'proxy');
}

/** kubeadm takes one directory of patches, and it is trivet's: the patch in it binds the apiserver to its host's own address. */
function boundApiserverFindings(kubeadm: Draft['kubeadm'], kind: string): readonly Finding[] {
  const patches = ['initConfiguration', 'joinConfiguration'].flatMap((section) =>
    valueAt([section, 'patches'], kubeadm) === undefined
      ? []
      : [
          atKey(
            [section, 'patches'],
            `with ${kind} the directory of patches is /etc/trivet/kubeadm-patches, from where the apiservers get their bind address; leave it out here`,
          ),
        ],
  );
  const path: Path = ['clusterConfiguration', 'apiServer', 'extraArgs'];
  const bound = argumentNames(valueAt(path, kubeadm)).flatMap((name, index): readonly Finding[] =>
    name === 'bind-address'
      ? [
          {
            path: place([...path, index]),
            at: 'value',
            message: `with ${kind} each apiserver listens on its host's internalAddress, since ${kind === 'local-proxy' ? '127.0.0.1:6443' : "the endpoint's port"} is the balancer's; leave bind-address out here`,
            expected: '',
          },
        ]
      : [],
  );
  return [...patches, ...bound];
}

function externalEtcdFindings(kubeadm: Draft['kubeadm']): readonly Finding[] {
  const path: Path = ['clusterConfiguration', 'etcd', 'local'];
  if (valueAt(path, kubeadm) === undefined) return [];
  return [atKey(path, 'with external etcd kubeadm makes no members, so nothing here would be used; leave it out')];
}

/** kubernetes #59507: in that mode kube-proxy deletes every virtual server of IPVS that is not a service's. */
function rivalOfIpvs({ kubeadm, scheme, endpoint }: Draft): readonly string[] {
  const { mode, ipvs } = record(kubeadm.kubeProxyConfiguration);
  const excluded = JSON.stringify(record(ipvs).excludeCIDRs ?? []);
  const address = endpoint?.value.text ?? '';
  if (scheme?.kind !== 'local-care' || scheme.backend !== 'ipvs' || mode !== 'ipvs' || excluded.includes(`"${address}/`)) return [];
  return [
    `${place(['kubeProxyConfiguration', 'mode']).join('.')} is ipvs: kube-proxy would delete the endpoint's virtual server again and again. Add ipvs: {excludeCIDRs: ["${address}/32"]}, or take scheme: {kind: local-care, backend: nft}.`,
  ];
}

const timeoutNames = ['HTTP2_READ_IDLE_TIMEOUT_SECONDS', 'HTTP2_PING_TIMEOUT_SECONDS'];

/** Lists are replaced, not merged: whoever sets one may not know what trivet would have put there. */
function replacedLists({ kubeadm, profile, etcd, scheme }: Draft): readonly string[] {
  const lost = (path: Path, names: readonly string[], what: string): readonly string[] => {
    const value = valueAt(path, kubeadm);
    const missing = names.filter((name) => !argumentNames(value).includes(name));
    if (value === undefined || missing.length === 0) return [];
    return [`${place(path).join('.')} replaces trivet's own list, so ${what}. Add ${missing.join(' and ')} to keep that.`];
  };
  const goodLan = profile === 'good-lan' && etcd?.topology === 'stacked';
  return [
    ...['apiServer', 'controllerManager', 'scheduler'].flatMap((component) =>
      lost(
        ['clusterConfiguration', component, 'extraEnvs'],
        timeoutNames,
        'its idle watches may hang for 45 s instead of 6 when a machine is lost',
      ),
    ),
    ...(scheme?.kind === 'local-care'
      ? lost(
          ['clusterConfiguration', 'apiServer', 'extraArgs'],
          ['shutdown-delay-duration', 'shutdown-send-retry-after'],
          'an apiserver that is shut down breaks off the requests on their way to it',
        )
      : []),
    ...(goodLan
      ? lost(
          ['clusterConfiguration', 'etcd', 'local', 'extraArgs'],
          ['heartbeat-interval', 'election-timeout'],
          'etcd does not get the timing of profile good-lan, 50 and 400 ms',
        )
      : []),
  ];
}

/** The names of a list of {name, value}. */
function argumentNames(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list.map((item: unknown) => record(item).name) : [];
}
