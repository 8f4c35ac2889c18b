/** What people bring from other tools, and what is planned but not there: each with its reason instead of «does not fit». */

import type { Path } from './finding.ts';

export const dockerReason =
  'Docker cannot be the container runtime: Kubernetes removed dockershim in 1.24, so kubelets no longer talk to it. ' +
  'trivet installs containerd, which runs the same images; leave this out';

/** True for any spelling of Docker: docker, cri-dockerd, unix:///var/run/dockershim.sock. */
export function isDocker(value: unknown): boolean {
  return typeof value === 'string' && /docker/i.test(value);
}

/** Keys under which other tools choose a runtime. */
const runtimeKeys = ['containerRuntime', 'container_runtime', 'container_manager', 'containerManager', 'runtime', 'cri'];

/** A sentence about a key that this format does not have, when there is more to say than that it is unknown. */
export function otherToolsKey(path: Path): string | undefined {
  const key = String(path.at(-1));
  if (key === 'docker') return dockerReason;
  if (runtimeKeys.includes(key)) return 'unknown key: the container runtime is always containerd; leave this out';
  if (/^(passwd|password|passphrase)$/i.test(key)) {
    return 'unknown key: say ssh: {password: {env: VARIABLE}}, or {file: PATH} or {prompt: true}; never the password itself';
  }
  if (path.at(-3) === 'hosts' && ['user', 'port', 'keyFile', 'knownHosts'].includes(key))
    return `unknown key: it goes under ssh, as ssh: {${key}: …}`;
  if (key === '<<') return 'unknown key: merge keys (<<) are not part of YAML 1.2; write the keys out, or use ssh: *anchor';
  return undefined;
}

/** A sentence about a value that is understood but not supported. */
export function unsupportedValue(path: Path, value: unknown): string | undefined {
  if (runtimeKeys.includes(String(path.at(-1)))) return isDocker(value) ? dockerReason : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^[0-9a-f:]*:[0-9a-f:.]*$/i.test(value) && value.includes('::')) return 'IPv6 is not supported yet';
  return undefined;
}
