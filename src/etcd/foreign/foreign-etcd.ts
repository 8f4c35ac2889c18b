/** External etcd that the user brings: asked with the given certificates, noted, and otherwise left alone. */

import { etcdctl } from '../../facts/etcd-members.ts';
import { foreignEtcdMark, foreignEtcdState } from '../../facts/foreign-etcd-state.ts';
import { type ForeignEtcd, masters } from '../../model/cluster.ts';
import type { EtcdAccess, EtcdCertificates, EtcdInput, EtcdTopology } from '../../model/etcd-topology.ts';
import type { Step } from '../../model/step.ts';
import { clientAccess } from '../../render/etcd-paths.ts';
import { clientFileSteps } from '../parts/client-files.ts';

export function foreignEtcd({ endpoints }: ForeignEtcd, certificates: EtcdCertificates): EtcdTopology {
  const access = clientAccess(endpoints);
  return {
    name: 'foreign',
    summary: 'an etcd of your own, at the endpoints that the file names',
    kubeadmEtcd: () => ({ external: { ...access } }),
    members: () => endpoints.length,
    access: () => access,
    hosts: (cluster, part) => (part === 'access' ? masters(cluster) : []),
    plan: (input) => accessSteps(input, access, certificates),
    certificates,
  };
}

/** Once noted, its data are ours: a master that comes later does not ask whether it is empty. */
async function accessSteps(
  { cluster, host, read }: EtcdInput,
  access: EtcdAccess,
  certificates: EtcdCertificates,
): Promise<readonly Step[]> {
  const states = await Promise.all(masters(cluster).map((master) => read(master, foreignEtcdState)));
  const ours = states.some(({ completed, clusterId }) => completed || clusterId !== undefined);
  return [
    ...clientFileSteps(host, access, certificates),
    {
      id: 'etcd-access/note',
      host: host.name,
      title: ours ? 'note which etcd this cluster has' : 'look that etcd is empty, and note which it is',
      action: {
        kind: 'command',
        argv: ['sh', '-ec', noteScript(access, ours)],
        check: ['test', '-s', foreignEtcdMark],
        timeoutSeconds: 60,
        hint: `${etcdctl(access)} endpoint health, on ${host.name}, tells what is wrong with it`,
      },
    },
  ];
}

/** kubeadm's own prefix is apart from others' keys in the same etcd. */
function noteScript(access: EtcdAccess, ours: boolean): string {
  const ask = `${etcdctl(access)} --command-timeout=10s`;
  const mustBeEmpty = `
keys=$(${ask} get /registry/ --prefix --count-only -w fields | sed -n 's/^"Count" : //p')
if [ "$keys" != 0 ]; then echo "etcd has $keys keys of another Kubernetes under /registry/"; exit 1; fi`;
  return `${ours ? '' : mustBeEmpty}
# It fails when one endpoint does, and tells of the others.
status=$(${ask} endpoint status -w fields) || true
id=$(printf '%s\\n' "$status" | sed -n 's/^"ClusterID" : //p' | head -n 1)
[ -n "$id" ]
echo "$id" > ${foreignEtcdMark}.new
mv -f ${foreignEtcdMark}.new ${foreignEtcdMark}
`;
}
