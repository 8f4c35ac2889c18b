/** Every fault under every scheme: its scripts are scripts for sh, and say what they should. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bind, specOf } from '../../../test/fake-machine/rehearsal.ts';
import type { Host } from '../../model/host.ts';
import { type FaultName, otherFaults, processModes, processNames } from './fault.ts';
import { splitProcessFault } from './fault-names.ts';
import { faultOn, machineFault } from './fault-on.ts';
import { egressText, networkRules, rulesText } from './network-rules.ts';
import { prelude } from './shell-parts.ts';
import { whyUnfit } from './unfit.ts';

const examples = join(import.meta.dirname, '../../../examples');
const clusters = readdirSync(examples)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, cluster: bind(specOf(readFileSync(join(examples, name), 'utf8'), name), undefined) }));
const clusterOf = (name: string) => {
  const found = clusters.find((one) => one.name === name)?.cluster;
  if (found === undefined) throw new Error(`no example ${name}`);
  return found;
};
const hostOf = (name: string, host: string): Host => {
  const found = clusterOf(name).hosts.find((one) => one.name === host);
  if (found === undefined) throw new Error(`no ${host} in ${name}`);
  return found;
};
const faults: readonly FaultName[] = [
  ...processNames.flatMap((process) => processModes.map((mode): FaultName => `${process}-${mode}`)),
  ...otherFaults,
];

describe('faultOn', () => {
  test.each(['sh', 'dash'])(
    'all scripts of all faults on all hosts of all examples are scripts for %s',
    (shell) => {
      const scripts = new Set<string>();
      for (const { cluster } of clusters) {
        for (const host of cluster.hosts) {
          for (const fault of faults) {
            for (const one of [faultOn(fault, host, { cluster }), machineFault(fault, host, { cluster })]) {
              if (one.kind === 'power') continue;
              for (const text of [one.possible, one.inject, one.heal, one.gone]) if (text !== '') scripts.add(text);
            }
          }
        }
      }
      expect(scripts.size).toBeGreaterThan(60);
      const input = [...scripts].map((text) => `(\n${prelude('d1')}${text}\n)`).join('\n');
      expect(spawnSync(shell, ['-n'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    },
    60_000,
  );

  test('a fault that means nothing on a host says so, and fails on it; where it fits, it does something', () => {
    const reasons = new Map<string, string>();
    for (const { cluster } of clusters) {
      for (const host of cluster.hosts) {
        for (const fault of faults) {
          const one = faultOn(fault, host, { cluster });
          const why = whyUnfit(fault, host, cluster);
          if (one.kind === 'power') continue;
          expect(one.inject).not.toBe('');
          if (why !== undefined) reasons.set(one.possible, why);
        }
      }
    }
    expect(reasons.size).toBeGreaterThan(5);
    const scripts = [...reasons.keys()].map((script) => `(${script})\necho "exit $?"`).join('\n');
    const said = spawnSync('sh', ['-c', scripts], { encoding: 'utf8' });
    expect(said.stdout).toBe([...reasons.values()].map((why) => `${why}\nexit 1\n`).join(''));
  });

  test('in a lab a machine loses its power; elsewhere its network', () => {
    const cluster = clusterOf('three-masters-vip.yaml');
    const host = hostOf('three-masters-vip.yaml', 'm1');
    expect(faultOn('machine-power-off', host, { cluster: { ...cluster, lab: 'demo' } })).toEqual({ kind: 'power', power: 'off' });
    expect(faultOn('machine-reboot', host, { cluster: { ...cluster, lab: 'demo' } })).toEqual({ kind: 'power', power: 'off' });
    expect(faultOn('machine-power-off', host, { cluster })).toMatchObject({ kind: 'machine', heal: expect.stringContaining('nft delete') });
    expect(faultOn('machine-frozen', host, { cluster })).toMatchObject({ kind: 'machine', possible: expect.stringContaining('lab only') });
  });

  test.each([
    ['local-care.yaml', 'w1', 'balancer-killed', 'trivet-care.service'],
    ['vip-haproxy.yaml', 'm1', 'balancer-frozen', 'trivet-balancer.service'],
    ['etcd-machines.yaml', 'e1', 'etcd-restarted', 'trivet-etcd.service'],
    ['three-masters-vip.yaml', 'm1', 'etcd-killed', '[ "$comm" = etcd ]'],
    ['three-masters-vip.yaml', 'm1', 'controller-manager-killed', '[ "$comm" = kube-controller ]'],
    ['three-masters-vip.yaml', 'm1', 'containerd-killed', '--kill-whom=main containerd.service'],
  ] as const)('%s, %s: %s goes to %s', (example, host, fault, text) => {
    expect(faultOn(fault, hostOf(example, host), { cluster: clusterOf(example) })).toMatchObject({ inject: expect.stringContaining(text) });
  });

  test.each([
    ['external-pair-lvs.yaml', 'l1', 'balancer-killed', /in the kernel/],
    ['three-masters-vip.yaml', 'm1', 'balancer-killed', /no balancer/],
    ['local-care.yaml', 'm1', 'keepalived-killed', /no keepalived/],
    ['etcd-own.yaml', 'm1', 'etcd-frozen', /your own/],
    ['single-master.yaml', 'm1', 'master-cut-off', /only one master/],
    ['external-pair-haproxy.yaml', 'l1', 'kubelet-killed', /no node/],
  ] as const)('%s, %s: no %s: %s', (example, host, fault, why) => {
    expect(whyUnfit(fault, hostOf(example, host), clusterOf(example))).toMatch(why);
  });
});

test('splitProcessFault takes all process faults apart, and no other', () => {
  expect(splitProcessFault('controller-manager-frozen')).toEqual({ name: 'controller-manager', mode: 'frozen' });
  for (const fault of otherFaults) expect(splitProcessFault(fault)).toBeUndefined();
});

describe('networkRules', () => {
  const example = 'three-masters-vip.yaml';
  const [cluster, m1] = [clusterOf(example), hostOf(example, 'm1')];
  const vip = cluster.endpoint.address;

  test('master-cut-off: the other masters’ addresses, the VIP as theirs when it is not here; nobody else', () => {
    const rules = networkRules('master-cut-off', m1, cluster);
    const others = cluster.hosts.filter((host) => host.roles.includes('master') && host !== m1).map((host) => host.internalAddress);
    expect(rules.in).toEqual([`ip saddr { ${[...others, vip].join(', ')} } drop`]);
    expect(rules.out).toEqual([`ip daddr { ${[...others, vip].join(', ')} } drop`]);
    expect(rules.arp).toBeUndefined();
  });

  test('master-cut-off: adverts to a group are meant for the other masters; IPv6 has rules of its own', () => {
    const options = cluster.schemeOptions;
    if (options.kind !== 'vip-on-masters') throw new Error('another scheme');
    const six = cluster.hosts.map((host) => (host === m1 ? host : { ...host, internalAddress: `2001:db8::${host.name.slice(1)}` }));
    const rules = networkRules('master-cut-off', m1, { ...cluster, hosts: six, schemeOptions: { ...options, multicast: true } });
    expect(rules.out).toEqual([
      expect.stringMatching(/^ip daddr \{/),
      'ip6 daddr { 2001:db8::2, 2001:db8::3 } drop',
      'ip daddr 224.0.0.18 drop',
    ]);
  });

  test('machine-isolated does not answer for the VIP any more; machine-deaf hears nobody ask; machine-mute says nothing', () => {
    expect(networkRules('machine-isolated', m1, cluster).arp).toEqual({ in: `arp daddr ip ${vip} drop`, out: `arp saddr ip ${vip} drop` });
    expect(networkRules('machine-deaf', m1, cluster)).toMatchObject({ in: ['drop'], out: [], arp: { out: undefined } });
    expect(networkRules('machine-mute', m1, cluster)).toMatchObject({ in: [], out: ['drop'], arp: { in: undefined } });
  });

  test('egressText: what a packet socket says of the VIP is kept back too, by a machine that is cut off or mute', () => {
    const said = egressText(networkRules('machine-isolated', m1, cluster));
    expect(said).toContain('type filter hook egress devices = { $devices }');
    expect(said).toContain(`arp saddr ip ${vip} drop`);
    expect(egressText(networkRules('machine-mute', m1, cluster))).toContain(`arp saddr ip ${vip} drop`);
    expect(egressText(networkRules('machine-power-off', m1, cluster))).toContain('ether type arp drop');
    expect(egressText(networkRules('machine-deaf', m1, cluster))).toBeUndefined();
    expect(egressText(networkRules('master-cut-off', m1, cluster))).toBeUndefined();
  });

  test('rulesText: the operator’s SSH comes before what drops, except when the machine plays dead', () => {
    const isolated = rulesText(networkRules('machine-isolated', m1, cluster)).split('\n');
    expect(isolated.findIndex((line) => line.includes('tcp dport $port accept'))).toBeLessThan(isolated.indexOf('    drop'));
    expect(isolated.filter((line) => line.includes('$port accept'))).toHaveLength(2);
    expect(rulesText(networkRules('machine-power-off', m1, cluster))).not.toContain('$port');
  });
});
