/** The shape of one host in the cluster file, and of the SSH settings that hosts share. */

import { z } from 'zod';
import {
  address,
  dnsLabel,
  interfaceName,
  labelValuePattern,
  list,
  map,
  path,
  port,
  qualifiedPattern,
  says,
  text,
} from './schema-values.ts';

const passwordText = '{env: VARIABLE}, {file: PATH} or {prompt: true}; the password itself never stands in the file';
const password = z
  .union(
    [
      z.strictObject({
        env: text('the name of an environment variable', /^[A-Za-z_]\w*$/).describe('Environment variable that holds it.'),
      }),
      z.strictObject({ file: path().describe('File whose first line it is.') }),
      z.strictObject({ prompt: z.literal(true).describe('Asked for on the terminal.') }),
    ],
    says(passwordText),
  )
  .describe('Where the password for sshd and for sudo comes from.');

const sshFields = {
  user: text('a user name', /^[^\s:@/-][^\s:@/]*$/)
    .optional()
    .describe('User to log in as; root by default. Others need sudo.'),
  port: port().optional().describe('Port of sshd; 22 by default.'),
  keyFile: path().optional().describe("Private key; ~ is expanded. Default: the agent's and OpenSSH's own."),
  knownHosts: path().optional().describe("known_hosts file; default: OpenSSH's own. New keys are recorded, changed ones refused."),
  password: password.optional(),
};
export const ssh = (description: string) => z.strictObject(sshFields, map()).optional().describe(description);

const effectNames = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
const taint = z.strictObject(
  {
    key: text('a taint key such as example.org/dedicated', qualifiedPattern).describe('Name, with or without a prefix.'),
    value: text('a label value, at most 63 characters', labelValuePattern).optional().describe('Value.'),
    effect: z
      .enum(effectNames, says('NoSchedule, PreferNoSchedule or NoExecute'))
      .describe('What happens to pods that do not tolerate it.'),
  },
  map('a map with key, value and effect'),
);

export const host = z.strictObject(
  {
    name: dnsLabel().describe("The machine's host name and the node's name in Kubernetes. trivet sets it."),
    address: address().describe('What this computer connects to by SSH.'),
    internalAddress: address().optional().describe('What the other machines connect to; the same as address by default.'),
    roles: z
      .array(z.enum(['master', 'worker', 'etcd', 'lb'], says('master, worker, etcd or lb')), list)
      .min(1, says('at least one role: master, worker, etcd or lb'))
      .describe(
        'master: control plane. worker: runs the applications. etcd: a member of an external etcd; may be a master too. lb: a balancer of external-pair.',
      ),
    ssh: ssh('What differs from spec.ssh for this machine.'),
    labels: z
      .record(
        z.string().regex(qualifiedPattern, says('a label key such as example.org/disk')),
        text('a label value in quotes, at most 63 characters', labelValuePattern),
        map('a map of labels'),
      )
      .default({})
      .describe('Labels of the node.'),
    taints: z.array(taint, list).default([]).describe('Taints of the node, beyond those that masters have.'),
    interface: interfaceName().optional().describe('Network interface of internalAddress; found by looking at the machine by default.'),
  },
  map('a map with name, address and roles'),
);
