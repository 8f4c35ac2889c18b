import { expect, test } from 'vitest';
import type { Fact, ReadFact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import { testCluster } from './healthy-survey.ts';
import { preflight } from './preflight.ts';

/** What healthy machines print, by the first word of the fact's name. */
function healthyOutput(host: Host, fact: string): string {
  const section = (name: string, text: string) => `\n==section ${name}\n${text}\n`;
  const outputs: Record<string, string> = {
    'machine-identity':
      section('hostname', host.name) +
      section('machine-id', `id-${host.name}`) +
      section('os-release', 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie') +
      section('machine', 'x86_64') +
      section('init', 'systemd') +
      section('programs', 'containerd\nrunc\nkubelet\nkubeadm\nkeepalived'),
    'machine-clock': '1795246310.637730544',
    'machine-capacity':
      section('processors', '2') + section('memory', 'MemTotal: 4000000 kB') + section('disks', '99000000000 50000000000 / /'),
    'machine-kernel':
      section('loaded', 'overlay\nbr_netfilter\nnf_tables') + section('filesystem', 'cgroup2fs') + section('controllers', 'memory'),
    'machine-network':
      section('trie', `|-- ${host.internalAddress}\n/32 host LOCAL`) +
      section('routes', 'Iface\neth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0'),
    'vrrp-seen': 'listened\n192.0.2.250 100 100 2\n',
  };
  return outputs[fact.split(' ')[0] ?? ''] ?? '';
}

function reading(spoil: (host: Host, fact: string) => string | Failure | undefined = () => undefined) {
  const asked: string[] = [];
  const read: ReadFact = async <T>(host: Host, fact: Fact<T>) => {
    asked.push(`${host.name} ${fact.name}`);
    const spoilt = spoil(host, fact.name);
    if (spoilt instanceof Failure) throw spoilt;
    return fact.parse({ code: 0, stdout: spoilt ?? healthyOutput(host, fact.name), stderr: '' });
  };
  return { asked, read };
}

const now = () => 1795246310637;

test('preflight: nothing on healthy machines; the adverts that were heard are handed on', async () => {
  const { read } = reading();
  const { findings, vrrp } = await preflight({ cluster: testCluster, read, now });
  expect(findings).toEqual([]);
  expect(vrrp).toEqual([{ source: '192.0.2.250', virtualRouterId: 100, priority: 100, version: 2 }]);
});

test('preflight: an unreachable machine is one finding, and the others are still checked', async () => {
  const { read } = reading((host, fact) => {
    if (host.name === 'm1') return new Failure('CONNECTION_REFUSED', 'nothing answers at 192.0.2.11 port 22', { remedy: 'start sshd' });
    if (host.name === 'm3' && fact === 'machine-capacity') return '\n==section swaps\nFilename\n/dev/sda2 partition 1 0 -2\n';
    return undefined;
  });
  const { findings } = await preflight({ cluster: testCluster, read, now });
  expect(findings).toMatchObject([
    { severity: 'error', host: 'm1', check: 'reachable', code: 'CONNECTION_REFUSED', remedy: 'start sshd' },
    { severity: 'error', host: 'm3', check: 'swap' },
  ]);
});

test('preflight: a fact that fails later is one finding of its host', async () => {
  const { read } = reading((host, fact) =>
    host.name === 'w1' && fact !== 'machine-identity' ? new Failure('SUDO', 'the user may not become root') : undefined,
  );
  const { findings } = await preflight({ cluster: testCluster, read, now });
  expect(findings).toMatchObject([{ severity: 'error', host: 'w1', check: 'sudo', code: 'SUDO' }]);
});

test('preflight: all machines unreachable are as many findings', async () => {
  const { read } = reading(() => new Failure('CONNECTION_TIMEOUT', 'no answer'));
  expect((await preflight({ cluster: testCluster, read, now })).findings).toHaveLength(4);
});

test('preflight: an abort is thrown', async () => {
  const { read } = reading(() => new Failure('INTERRUPTED', 'stopped'));
  await expect(preflight({ cluster: testCluster, read, now })).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('preflight existing: asks members five things and the network nothing, a new host everything', async () => {
  const { asked, read } = reading((host, fact) =>
    fact === 'cluster-traces' && host.name !== 'w1' ? '\n==section receipt\nyes\n\n==section cluster\ntest\n' : undefined,
  );
  const { findings, vrrp } = await preflight({ cluster: testCluster, read, now, existing: true });
  expect(findings).toEqual([]);
  expect(vrrp).toBeUndefined();
  expect(asked.filter((line) => line.startsWith('m1 '))).toEqual([
    'm1 machine-identity',
    'm1 cluster-traces',
    'm1 machine-clock',
    'm1 machine-capacity',
    'm1 machine-network',
    'm1 endpoint-as-built 192.0.2.11',
  ]);
  expect(asked.filter((line) => line.startsWith('w1 '))).toHaveLength(10);
});
