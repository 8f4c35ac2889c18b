/** The shape of `etcd`: stacked, or external with the cluster that you bring. */

import { z } from 'zod';
import { list, path, says, text } from './schema-values.ts';

const stacked = z.strictObject({ topology: z.literal('stacked').describe('A member on each master, made by kubeadm.') });

const external = z.strictObject({
  topology: z
    .literal('external')
    .describe('Members on the hosts of role etcd, which trivet makes; or, with endpoints, a cluster of your own, which it leaves alone.'),
  endpoints: z
    .array(text('a URL such as https://192.0.2.31:2379').meta({ format: 'uri' }), list)
    .optional()
    .describe('Client URLs of your own etcd, odd in number. Leave it out when hosts have the role etcd.'),
  caFile: path().optional().describe("The CA of your etcd's certificates, on this computer."),
  certFile: path().optional().describe('Client certificate for the apiservers, on this computer.'),
  keyFile: path().optional().describe('Its key, on this computer.'),
});

const expected = says('stacked, external, or {topology: external, endpoints: […], caFile, certFile, keyFile}');
export const etcd = z
  .union(
    [z.enum(['stacked', 'external'], expected), z.discriminatedUnion('topology', [stacked, external], says('stacked or external'))],
    expected,
  )
  .default('stacked')
  .describe('Where etcd runs: stacked is on the masters, external on the hosts of role etcd or wherever your own is.');
