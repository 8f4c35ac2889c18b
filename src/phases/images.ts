/** Phase: the bundle's container images, uploaded once and imported. */

import { containerImages } from '../facts/container-images.ts';
import type { BundleFile } from '../model/bundle.ts';
import { masters, nodes } from '../model/cluster.ts';
import type { Phase, PlanInput } from '../model/phase.ts';
import type { Step } from '../model/step.ts';
import { founder } from './first-master.ts';

/** The founder's images come first, so that its kubeadm init runs while the other machines import theirs. */
export const foundersImages: Phase = {
  name: 'founders-images',
  summary: 'import the container images on the machine that begins the cluster',
  usualSeconds: 5,
  order: 'parallel',
  hosts: masters,
  plan: async (input) => ((await founder(input.cluster, input.read)) === input.host ? importSteps(input, 'founders-images') : []),
};

export const images: Phase = {
  name: 'images',
  summary: 'import the container images',
  usualSeconds: 10,
  order: 'parallel',
  hosts: nodes,
  plan: async (input) => ((await founder(input.cluster, input.read)) === input.host ? [] : importSteps(input, 'images')),
};

async function importSteps({ cluster, host, read }: PlanInput, phase: string): Promise<readonly Step[]> {
  const bundle = cluster.openBundle;
  if (bundle === undefined) return [];
  const there = await read(host, containerImages);
  const isMaster = host.roles.includes('master');
  const archives = bundle.manifest.files.filter((file) => file.part === 'image' && (isMaster || !isForMasters(file)));
  return archives.flatMap((file): readonly Step[] => {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const path = `/var/lib/trivet/images/${name}`;
    const references = file.images ?? [];
    const clean: Step = {
      id: `${phase}/clean-${name}`,
      host: host.name,
      title: `remove the uploaded ${name}`,
      action: { kind: 'remove', path },
    };
    // Also then: a run that was killed after the import left the archive behind.
    if (references.every((image) => there.has(image))) return [clean];
    return [
      {
        id: `${phase}/upload-${name}`,
        host: host.name,
        title: `upload ${name} (${Math.round(file.bytes / 1e6)} MB)`,
        action: { kind: 'upload', source: `${bundle.directory}/${file.path}`, path, sha256: file.sha256, bytes: file.bytes, mode: 0o600 },
      },
      {
        id: `${phase}/import-${name}`,
        host: host.name,
        title: `import ${references.length} images from ${name}`,
        action: {
          kind: 'command',
          argv: ['ctr', '-n', 'k8s.io', 'images', 'import', path],
          check: [
            'sh',
            '-c',
            `have=$(ctr -n k8s.io images ls -q) || exit 1; for i in "$@"; do printf '%s\\n' "$have" | grep -qxF -- "$i" || exit 1; done`,
            'check',
            ...references,
          ],
          timeoutSeconds: 600,
          hint: 'is containerd running, and is there room under /var/lib/containerd? journalctl -u containerd -n 50; df -h /var/lib/containerd',
        },
      },
      clean,
    ];
  });
}

/** An archive of nothing but the control plane's images need not go to workers. */
function isForMasters(file: BundleFile): boolean {
  const references = file.images ?? [];
  return (
    references.length > 0 &&
    references.every((reference) => /\/(kube-apiserver|kube-controller-manager|kube-scheduler|etcd):/.test(reference))
  );
}
