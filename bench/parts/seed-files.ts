/** The files of the documents that trivet learns from (bench/seeds), mended just enough to start on these machines, each mend named. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { packageRoot } from '../../src/local/package-root.ts';

export type KeepalivedSeed = '000' | '001-preempt' | '001-nopreempt';
export type BalancerSeed = '001-haproxy' | '001-nginx';
export type SeedVariant = KeepalivedSeed | BalancerSeed | 'kube-vip';

interface Mend {
  readonly what: string;
  readonly from: RegExp;
  readonly to: string;
}

const subnet = labNetwork.vip.slice(0, labNetwork.vip.lastIndexOf('.'));

const keepalived001: readonly Mend[] = [
  { what: 'interface ens32 → eth0', from: /\bens32\b/g, to: 'eth0' },
  { what: `VIP 10.0.0.50 → ${labNetwork.vip}`, from: /\b10\.0\.0\.50\b/g, to: labNetwork.vip },
  { what: `masters 10.0.0.51–53 → ${subnet}.11–13`, from: /\b10\.0\.0\.5([123])\b/g, to: `${subnet}.1$1` },
];

const mends: Readonly<Record<KeepalivedSeed | BalancerSeed, readonly Mend[]>> = {
  '000': [
    { what: 'interface ens33 → eth0', from: /\bens33\b/g, to: 'eth0' },
    { what: `VIP 192.168.182.220/24 → ${labNetwork.vip}/24`, from: /192\.168\.182\.220/g, to: labNetwork.vip },
  ],
  '001-preempt': keepalived001,
  '001-nopreempt': keepalived001,
  '001-haproxy': [
    { what: 'nbproc 1 is left out: haproxy refuses it since 2.5', from: /^ *nbproc 1\n/m, to: '' },
    { what: `masters 192.168.13.117 → ${subnet}.11`, from: /192\.168\.13\.117/g, to: `${subnet}.11` },
    { what: `192.168.13.118 → ${subnet}.12`, from: /192\.168\.13\.118/g, to: `${subnet}.12` },
    { what: `192.168.13.119 → ${subnet}.13`, from: /192\.168\.13\.119/g, to: `${subnet}.13` },
  ],
  '001-nginx': [
    {
      what: 'modules from /etc/nginx/modules-enabled: the path of the document is CentOS’s',
      from: /\/usr\/share\/nginx\/modules\//g,
      to: '/etc/nginx/modules-enabled/',
    },
    { what: `masters 10.0.0.11–13 → ${subnet}.11–13`, from: /\b10\.0\.0\.1([123])\b/g, to: `${subnet}.1$1` },
  ],
};

const notes: Readonly<Record<SeedVariant, readonly string[]>> = {
  '000': [
    'the line notification_email_from is left out (a private address; no mail is sent)',
    'not mended: track_script names a check_nginx that is defined nowhere; keepalived 2.3 ignores it with a warning, so nothing is checked',
  ],
  '001-preempt': ['the package psmisc is installed: the check calls its killall, and trivet does not need it'],
  '001-nopreempt': ['the package psmisc is installed: the check calls its killall, and trivet does not need it'],
  '001-haproxy': ['run in the foreground by a unit of the benchmark (-db), on every machine'],
  '001-nginx': ['run in the foreground by a unit of the benchmark (daemon off), on every machine'],
  'kube-vip': ['run as a systemd unit on each master, with lease 15/10/2 s as its own defaults, against that master’s own apiserver'],
};

/** Every difference to the documents, for people. */
export function mendsOf(variant: SeedVariant): readonly string[] {
  return [...(variant === 'kube-vip' ? [] : mends[variant].map(({ what }) => what)), ...notes[variant]];
}

/** keepalived.conf for one master; an Error when a mend finds nothing to mend. */
export function seedKeepalived(variant: KeepalivedSeed, machine: string): Promise<string> {
  return mended(variant, `${machine}.conf`);
}

/** haproxy.cfg or nginx.conf, the same for every machine; an Error when a mend finds nothing to mend. */
export function seedBalancer(variant: BalancerSeed): Promise<string> {
  return mended(variant, variant === '001-haproxy' ? 'haproxy.cfg' : 'nginx.conf');
}

async function mended(variant: KeepalivedSeed | BalancerSeed, file: string): Promise<string> {
  const path = join(packageRoot(), 'bench', 'seeds', variant, file);
  let text = await readFile(path, 'utf8');
  for (const { what, from, to } of mends[variant]) {
    const next = text.replace(from, to);
    if (next === text) throw new Error(`${path}: nothing to mend: ${what}`);
    text = next;
  }
  return text;
}
