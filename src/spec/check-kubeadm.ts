/** Raw kubeadm configuration: what the cluster file has a key of its own for may not be said twice, and Docker not at all. */

import { record } from './draft.ts';
import type { Finding, Path } from './finding.ts';
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

export function kubeadmFindings(kubeadm: Readonly<Record<string, unknown>>): readonly Finding[] {
  const place = (path: Path): Path => ['spec', 'kubernetes', 'kubeadm', ...path];
  return [
    ...ownKeys.flatMap(([path, key]): readonly Finding[] =>
      at(kubeadm, path) === undefined
        ? []
        : [{ path: place(path), at: 'key', message: `trivet sets this from ${key}; leave it out here`, expected: '' }],
    ),
    ...criSockets.flatMap((path): readonly Finding[] =>
      isDocker(at(kubeadm, path)) ? [{ path: place(path), at: 'value', message: dockerReason, expected: '' }] : [],
    ),
  ];
}

function at(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => record(value)[String(key)], data);
}
