/** The cluster file of a lab: what `trivet up -f` takes to make its machines a cluster. */

import { type LabMachine, labNetwork } from './lab-plan.ts';

export const labKubernetesVersion = 'v1.34.4';

/** YAML. Strings that are not ours are written as JSON, which is YAML too. */
export function clusterFile({
  lab,
  machines,
  keyFile,
  knownHosts,
  bundle,
}: {
  readonly lab: string;
  readonly machines: readonly LabMachine[];
  readonly keyFile: string;
  readonly knownHosts: string;
  readonly bundle: string | undefined;
}): string {
  const hosts = machines.map(({ name, address, role }) => `    - {name: ${name}, address: ${address}, roles: [${role}]}`);
  return `# Written by: trivet lab up --name ${lab}
apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata:
  name: ${lab}
spec:
  lab: ${lab}
  kubernetes:
    version: ${labKubernetesVersion}
  ${bundle === undefined ? '# bundle: /path/of/bundle' : `bundle: ${JSON.stringify(bundle)}`}
  ssh: {user: root, keyFile: ${JSON.stringify(keyFile)}, knownHosts: ${JSON.stringify(knownHosts)}}
  controlPlaneEndpoint: {domain: ${labNetwork.domain}, address: ${labNetwork.vip}, port: 6443}
  scheme: vip-on-masters
  hosts:
${hosts.join('\n')}
`;
}
