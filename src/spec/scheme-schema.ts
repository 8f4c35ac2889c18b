/** The shape of `scheme`: one word, or a map whose kind says which options it has. */

import { z } from 'zod';
import { flag, integer, interfaceName, says } from './schema-values.ts';
import { schemeWords } from './scheme-word.ts';

const advertText = says('seconds, 0.01–40.95');
const vrrp = {
  preempt: flag()
    .default(false)
    .describe('false: the VIP stays where a failure moved it. true: it returns to the first healthy machine of the list.'),
  virtualRouterId: integer('a VRRP router id, 1–255', 1, 255).optional().describe('VRRP virtual router id; default: one seen to be free.'),
  advertSeconds: z
    .number(advertText)
    .min(0.01, advertText)
    .max(40.95, advertText)
    .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6, says('hundredths of a second, such as 0.2'))
    .optional()
    .describe(
      'Seconds between VRRP adverts; a dead holder is noticed after about three of them. Default: 0.2, or 0.1 with profile good-lan.',
    ),
  interface: interfaceName().optional().describe("Interface that carries the VIP; default: that of the host's internalAddress."),
  multicast: flag()
    .default(false)
    .describe('false: adverts to each peer, which no switch filters. true: adverts to 224.0.0.18, for networks that expect VRRP there.'),
};

const vipOnMasters = z.strictObject({
  kind: z.literal('vip-on-masters').describe('A virtual address that keepalived moves among the masters.'),
  proxy: z
    .enum(['none', 'haproxy', 'nginx'], says('none, haproxy or nginx'))
    .default('none')
    .describe("What answers at the VIP: the holder's apiserver (none), or a balancer over all masters on a port of its own."),
  ...vrrp,
});

const externalPair = z.strictObject({
  kind: z.literal('external-pair').describe('Machines of role lb balance over the masters and move a virtual address between them.'),
  proxy: z
    .enum(['haproxy', 'nginx', 'lvs'], says('haproxy, nginx or lvs'))
    .default('haproxy')
    .describe('What balances there; lvs does it in the kernel.'),
  ...vrrp,
});

const external = z.strictObject({
  kind: z.literal('external').describe('A load balancer of your own keeps the address; it is checked and left alone.'),
});

const localProxy = z.strictObject({
  kind: z.literal('local-proxy').describe('A balancer on every node at 127.0.0.1:6443; no address moves.'),
  proxy: z.enum(['haproxy', 'nginx'], says('haproxy or nginx')).default('haproxy').describe('What balances on each node.'),
});

const localCare = z.strictObject({
  kind: z
    .literal('local-care')
    .describe('trivet care on every node keeps an address there, each its own, that leads to healthy apiservers; no address moves.'),
  backend: z
    .enum(['auto', 'nft', 'ipvs', 'proxy'], says('auto, nft, ipvs or proxy'))
    .default('auto')
    .describe(
      'What carries the connections on each node: nft and ipvs in the kernel, proxy in the program itself. auto is nft, which every machine that Kubernetes runs on has.',
    ),
});

export const schemeKinds = ['local-care', 'vip-on-masters', 'external-pair', 'external', 'local-proxy'] as const;
const kindsText = 'local-care, vip-on-masters, external-pair, external or local-proxy';
const schemeText = `${kindsText}, with what carries it as in vip-on-masters/haproxy, or a map with such a kind`;

/** A scheme with its options. */
export const schemeMap = z.discriminatedUnion('kind', [localCare, vipOnMasters, externalPair, external, localProxy], says(kindsText));

export const scheme = z
  .union([z.enum(schemeWords, says(schemeText)), schemeMap], says(schemeText))
  .optional()
  .describe(
    'How the control plane endpoint is kept alive; trivet schemes tells what each survives and costs. Default: vip-on-masters where controlPlaneEndpoint.address is given, else local-care.',
  );
