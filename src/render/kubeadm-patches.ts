/** Patches that kubeadm puts on a machine's static pods. */

export const patchesDirectory = '/etc/trivet/kubeadm-patches';

/** kubeadm tells by the name what is patched and how. */
export const apiserverPatchPath = `${patchesDirectory}/kube-apiserver0+json.json`;

/** A JSON patch: a strategic merge would replace the whole list of arguments. An extra argument in the configuration would hold for all masters. */
export function bindAddressPatch(address: string): string {
  return `${JSON.stringify([{ op: 'add', path: '/spec/containers/0/command/-', value: `--bind-address=${address}` }], null, 2)}\n`;
}
