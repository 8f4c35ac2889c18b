/** Every failure code with its meaning. Codes are permanent: never renamed, never reused. docs/reference/failures.md is made from this list. */

export const failureCodes = {
  USAGE: 'The command line is not understood, or lacks something.',
  CLUSTER_FILE: 'The cluster file has problems; each is listed with line and column.',
  CLUSTER_FILE_MISSING: 'There is no cluster file where one was looked for.',
  EVEN_MASTERS: 'An even number of masters: it tolerates no more failures than one fewer, and has more machines that can fail.',
  CONNECTION_REFUSED: 'The machine does not answer on its SSH port.',
  CONNECTION_TIMEOUT: 'The machine or a command on it did not answer in time.',
  CONNECTION_LOST: 'The connection broke while a command ran; it may or may not have finished.',
  HOST_KEY_CHANGED: 'The machine shows another host key than the one recorded.',
  AUTHENTICATION: 'The machine refuses the key or the password.',
  SUDO: 'The user may not become root on the machine.',
  PASSWORD_MISSING: 'A password is needed and its source gives none.',
  PREFLIGHT: 'The machines are not ready; everything found is listed.',
  LOCKED: 'Another operator is working on this cluster.',
  BUNDLE: 'The bundle is incomplete or was changed; nothing of it was used.',
  BUNDLE_BUILD: 'Making the bundle failed.',
  STEP_FAILED: 'A step failed on a machine.',
  DISK_FULL: 'A disk is full.',
  WAIT_EXPIRED: 'What was waited for did not come within its deadline.',
  FOREIGN_CLUSTER: 'A machine belongs to another cluster.',
  NOT_RESET: 'Something that reset should have removed is still there.',
  KUBERNETES: 'The Kubernetes API refused or failed a request.',
  KUBERNETES_UNREACHABLE: 'No apiserver answers.',
  LAB: 'The lab could not be brought up, changed or taken down.',
  LAB_MISSING: 'There is no such lab.',
  TOOL_MISSING: 'A program that is needed is not installed on this machine.',
  INTERRUPTED: 'Stopped by the operator; the next run goes on from here.',
  CONFIRMATION: 'Not confirmed, so nothing was done.',
  INTERNAL: 'A defect in trivet.',
} as const;

export type FailureCode = keyof typeof failureCodes;
