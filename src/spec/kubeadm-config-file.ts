/** A kubeadm configuration file of several documents → the passthrough, with what the cluster file has own keys for lifted out. */

import type { Finding, Path } from './finding.ts';
import { parseIpv4 } from './ipv4.ts';
import { placer } from './parse-cluster-file.ts';
import type { Problem } from './problem.ts';
import { readYaml, type YamlDocument } from './read-yaml.ts';
import { record } from './record.ts';

export interface KubeadmConfigFile {
  /** Below spec: kubernetes.kubeadm, and the lifted keys. */
  readonly spec: {
    readonly version?: unknown;
    readonly kubeadm: Readonly<Record<string, unknown>>;
    readonly controlPlaneEndpoint: Readonly<Record<string, unknown>>;
    readonly network: Readonly<Record<string, unknown>>;
  };
  readonly problems: readonly Problem[];
  /** The problem of a finding, placed in this file; undefined when the finding is about something else. */
  readonly place: (finding: Finding) => Problem | undefined;
}

const sections: Readonly<Record<string, string>> = {
  ClusterConfiguration: 'clusterConfiguration',
  InitConfiguration: 'initConfiguration',
  JoinConfiguration: 'joinConfiguration',
  KubeletConfiguration: 'kubeletConfiguration',
  KubeProxyConfiguration: 'kubeProxyConfiguration',
};

type Source = { readonly document: YamlDocument; readonly path: Path };

export function readKubeadmConfig(text: string, file: string): KubeadmConfigFile {
  const toProblem = placer(text, file);
  const yaml = readYaml(text);
  const problems = yaml.problems.map((problem) => toProblem(problem, '', problem.message, ''));
  /** Where a place of the cluster file came from. */
  const sources = new Map<string, Source>();
  const kubeadm: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const document of yaml.documents) {
    if (document.value === null) continue;
    const { apiVersion, kind, ...content } = record(document.value);
    const section = typeof kind === 'string' && Object.hasOwn(sections, kind) ? sections[kind] : undefined;
    const wrong = (path: Path, message: string, expected: string) =>
      problems.push(toProblem(document.locate(path, 'value'), path.join('.'), message, expected));
    if (section === undefined) wrong(['kind'], 'not a kind that is used', `one of ${Object.keys(sections).join(', ')}`);
    else if (kubeadm[section] !== undefined) wrong(['kind'], `a second ${kind}`, 'one document of each kind');
    else {
      if (!section.startsWith('kube') && apiVersion !== 'kubeadm.k8s.io/v1beta4') {
        wrong(
          ['apiVersion'],
          `${String(apiVersion)} is another version`,
          'kubeadm.k8s.io/v1beta4; kubeadm config migrate --old-config FILE writes it',
        );
      }
      kubeadm[section] = content;
      sources.set(keyOf(['spec', 'kubernetes', 'kubeadm', section]), { document, path: [] });
    }
  }
  const spec = lift(kubeadm, sources);
  const place = (finding: Finding): Problem | undefined => {
    for (let length = finding.path.length; length > 0; length -= 1) {
      const source = sources.get(keyOf(finding.path.slice(0, length)));
      if (source === undefined) continue;
      const path = [...source.path, ...finding.path.slice(length)];
      const problem = toProblem(source.document.locate(path, finding.at), path.join('.'), finding.message, finding.expected);
      return finding.suggestion === undefined ? problem : { ...problem, suggestion: finding.suggestion };
    }
    return undefined;
  };
  return { spec, problems, place };
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** Takes out of the sections what the cluster file says elsewhere, and remembers where it stood. */
function lift(kubeadm: Record<string, Readonly<Record<string, unknown>>>, sources: Map<string, Source>): KubeadmConfigFile['spec'] {
  const take = (section: string, path: readonly string[], target: Path): unknown => {
    const source = sources.get(keyOf(['spec', 'kubernetes', 'kubeadm', section]));
    const [value, rest] = without(kubeadm[section] ?? {}, path);
    if (source === undefined || value === undefined) return undefined;
    kubeadm[section] = rest;
    sources.set(keyOf(['spec', ...target]), { document: source.document, path });
    return value;
  };
  const cluster = 'clusterConfiguration';
  const version = take(cluster, ['kubernetesVersion'], ['kubernetes', 'version']);
  const endpoint = take(cluster, ['controlPlaneEndpoint'], ['controlPlaneEndpoint']);
  const port = take('initConfiguration', ['localAPIEndpoint', 'bindPort'], ['controlPlaneEndpoint', 'port']);
  const extraSANs = take(cluster, ['apiServer', 'certSANs'], ['controlPlaneEndpoint', 'extraSANs']);
  const network = ['podSubnet', 'serviceSubnet', 'dnsDomain'].map(
    (key) => [key, take(cluster, ['networking', key], ['network', key])] as const,
  );
  return {
    ...(version === undefined ? {} : { version }),
    kubeadm,
    controlPlaneEndpoint: defined([['port', port], ['extraSANs', extraSANs], ...splitEndpoint(endpoint)]),
    network: defined(network),
  };
}

/** `name:port` or `address:port`. */
function splitEndpoint(endpoint: unknown): readonly (readonly [string, unknown])[] {
  if (endpoint === undefined) return [];
  const [, host = String(endpoint), port] = /^(.*):(\d+)$/.exec(String(endpoint)) ?? [];
  return [
    [parseIpv4(host) === undefined ? 'domain' : 'address', host],
    ['port', port === undefined ? undefined : Number(port)],
  ];
}

function defined(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** The value at a path, and the map without it; a map that becomes empty goes too. */
function without(data: Readonly<Record<string, unknown>>, path: readonly string[]): readonly [unknown, Readonly<Record<string, unknown>>] {
  const [key = '', ...deeper] = path;
  const { [key]: value, ...rest } = data;
  if (deeper.length === 0 || value === undefined) return [value, rest];
  const [found, inner] = without(record(value), deeper);
  if (found === undefined) return [undefined, data];
  return [found, Object.keys(inner).length === 0 ? rest : { ...rest, [key]: inner }];
}
