/** trivet care as a static pod, for machines on which nothing but containers may run: the kubelet starts it, and starts it again. */

import { type CareUnitBackend, careCapabilities, careMemory } from './care-unit.ts';

export interface CareStaticPodInput {
  readonly backend: CareUnitBackend;
  /** After `trivet care`. */
  readonly arguments: readonly string[];
  /** trivet.local/care:VERSION. */
  readonly image: string;
  /** Files that it reads: the CA, a kubeconfig. */
  readonly files: readonly string[];
  /** Directories in which it reads: the kubelet's certificates, which are renewed there. */
  readonly directories: readonly string[];
  /** Directories that it writes in: state, socket, track_file. */
  readonly writes: readonly string[];
}

interface Mount {
  readonly path: string;
  readonly type: 'File' | 'Directory' | 'DirectoryOrCreate';
  readonly volume: string;
}

export function careStaticPod({ backend, arguments: words, image, files, directories, writes }: CareStaticPodInput): string {
  const mounts: readonly Mount[] = [
    ...files.map((path) => ({ path, type: 'File' }) as const),
    ...directories.map((path) => ({ path, type: 'Directory' }) as const),
    ...[...new Set(writes)].map((path) => ({ path, type: 'DirectoryOrCreate' }) as const),
  ].map((mount, index) => ({ ...mount, volume: `files-${index + 1}` }));
  return `# Written by trivet: /etc/kubernetes/manifests/trivet-care.yaml
apiVersion: v1
kind: Pod
metadata:
  name: trivet-care
  namespace: kube-system
  labels:
    app.kubernetes.io/name: trivet-care
spec:
  hostNetwork: true
  priorityClassName: system-node-critical
  priority: 2000001000
  automountServiceAccountToken: false
  tolerations:
    - operator: Exists
  containers:
    - name: care
      image: ${quoted(image)}
      imagePullPolicy: IfNotPresent
      args:
${['care', ...words].map((word) => `        - ${quoted(word)}\n`).join('')}      resources:
        requests:
          cpu: 20m
          memory: 64Mi
        limits:
          memory: ${careMemory.most}Mi
      livenessProbe:
        exec:
          command: ["/usr/local/bin/trivet", "care", "status", "--alive"${socketOf(words)}]
        initialDelaySeconds: 30
        periodSeconds: 30
        timeoutSeconds: 10
        failureThreshold: 3
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: ["ALL"]
          add: [${careCapabilities[backend].map(quoted).join(', ')}]
        seccompProfile:
          type: RuntimeDefault
      volumeMounts:
${mounts.map(mountText).join('')}  volumes:
${mounts.map(volumeText).join('')}${backend === 'ipvs' ? ipvsWords : ''}`;
}

/** A container may neither load modules nor set what belongs to the kernel of its machine. */
const ipvsWords = `# The machine itself must have loaded IPVS and let it follow connections:
#   echo ip_vs > /etc/modules-load.d/trivet-care.conf && modprobe ip_vs
#   printf 'net.ipv4.vs.%s = 1\\n' conntrack expire_nodest_conn > /etc/sysctl.d/60-trivet-care.conf && sysctl --system
`;

function mountText({ path, type, volume }: Mount): string {
  return `        - name: ${volume}
          mountPath: ${quoted(path)}
${type !== 'DirectoryOrCreate' ? '          readOnly: true\n' : ''}`;
}

function volumeText({ path, type, volume }: Mount): string {
  return `    - name: ${volume}
      hostPath:
        path: ${quoted(path)}
        type: ${type}
`;
}

function socketOf(words: readonly string[]): string {
  const socket = words.find((word) => word.startsWith('--socket='));
  return socket === undefined ? '' : `, ${quoted(socket)}`;
}

/** JSON's strings are YAML's too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
