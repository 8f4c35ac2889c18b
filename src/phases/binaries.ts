/** Phase: Kubernetes' programs and the kubelet's unit. */

import { cniDirectory } from '../facts/cni-directory.ts';
import { kubernetesState } from '../facts/kubernetes-state.ts';
import type { BundleFile } from '../model/bundle.ts';
import { type Cluster, etcdHosts, nodes } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import type { Phase } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { kubeletDropIn, kubeletUnit } from '../render/systemd.ts';

/** What the built-in pod network needs, and what the common ones of others expect to find. */
const cniPlugins = ['bridge', 'host-local', 'loopback', 'portmap', 'bandwidth', 'firewall', 'tuning'];

/** etcd's own, and what makes its certificates. */
const forMembers = ['etcd', 'etcdctl', 'etcdutl', 'kubeadm'];

export const binaries: Phase = {
  name: 'binaries',
  summary: 'Kubernetes programs and the kubelet unit',
  usualSeconds: 8,
  order: 'parallel',
  hosts: (cluster) => cluster.hosts.filter((host) => nodes(cluster).includes(host) || hasOnlyMember(cluster, host)),
  plan: async ({ cluster, host, read }) => {
    const [{ completed }, pluginDirectory] = await Promise.all([read(host, kubernetesState), read(host, cniDirectory)]);
    const bundle = cluster.openBundle;
    const step = (id: string, title: string, action: Step['action']): Step => ({ id: `binaries/${id}`, host: host.name, title, action });
    const onlyEtcd = hasOnlyMember(cluster, host);
    const uploads = (bundle?.manifest.files ?? [])
      .filter((file) => file.part === 'binary')
      .flatMap((file) => {
        const links = linksOf(file, cluster, host);
        if (links.length === 0) return [];
        const name = nameOf(file);
        const target = `/opt/trivet/bin/${bundle?.manifest.kubernetesVersion}/${name}`;
        return [
          step(`upload-${name}`, `upload ${name} (${Math.round(file.bytes / 1e6)} MB)`, {
            kind: 'upload',
            source: `${bundle?.directory}/${file.path}`,
            path: target,
            sha256: file.sha256,
            bytes: file.bytes,
            mode: 0o755,
          }),
          ...links.map((link) => step(`link-${link}`, `link ${link}`, { kind: 'link', path: `/usr/local/bin/${link}`, target })),
        ];
      });
    if (onlyEtcd) return uploads;
    return [
      ...uploads,
      // One by one: a pod network of the user's own puts its plugins beside them. Some have made the directory itself a link.
      ...(pluginDirectory === '/usr/lib/cni' ? [] : cniPlugins).map((name) =>
        step(`plugin-${name}`, `link the CNI plugin ${name}`, {
          kind: 'link',
          path: `/opt/cni/bin/${name}`,
          target: `/usr/lib/cni/${name}`,
        }),
      ),
      step('kubelet-unit', 'write kubelet.service', {
        kind: 'file',
        path: '/etc/systemd/system/kubelet.service',
        content: kubeletUnit(),
        mode: 0o644,
        owner: 'root:root',
      }),
      step('kubelet-flags', 'write kubelet.service.d/10-kubeadm.conf', {
        kind: 'file',
        path: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
        content: kubeletDropIn(),
        mode: 0o644,
        owner: 'root:root',
      }),
      // Before kubeadm has configured it, it is kubeadm that starts it.
      step('kubelet', 'run the kubelet at every boot', {
        kind: 'service',
        unit: 'kubelet.service',
        enabled: true,
        active: completed ? true : undefined,
      }),
    ];
  },
};

/** The program that holds etcdctl is etcd too; only a member's own machine calls it so. */
function linksOf(file: BundleFile, cluster: Cluster, host: Host): readonly string[] {
  const names = file.names ?? [nameOf(file)];
  if (!hasMember(cluster, host)) return names;
  const all = [...new Set([...names, ...(names.includes('etcdctl') ? ['etcd'] : [])])];
  return hasOnlyMember(cluster, host) ? all.filter((name) => forMembers.includes(name)) : all;
}

function nameOf(file: BundleFile): string {
  return file.path.slice(file.path.lastIndexOf('/') + 1);
}

/** A machine with an etcd member that is no node. */
function hasOnlyMember(cluster: Cluster, host: Host): boolean {
  return hasMember(cluster, host) && !nodes(cluster).includes(host);
}

function hasMember(cluster: Cluster, host: Host): boolean {
  return cluster.etcd.name === 'hosted' && etcdHosts(cluster).includes(host);
}
