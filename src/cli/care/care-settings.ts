/** Flags, environment and file → CareSettings, or a Failure USAGE that names everything that is wrong with them. */

import { isIP } from 'node:net';
import { type Address, addressText, parseAddress } from '../../care/address.ts';
import { type CareSettings, type DiscoverySettings, defaultHealth, defaultPace, type Pace } from '../../care/settings.ts';
import { Failure } from '../../model/failure.ts';
import { type FlagReader, flagReader } from './flag-reader.ts';
import type { Given } from './given.ts';
import { healthCheck } from './health-check.ts';

const loggers = {
  debug: 'debug',
  debg: 'debug',
  trac: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  erro: 'error',
  eror: 'error',
} as const;
const loggerNames = ['debug', 'debg', 'trac', 'info', 'warn', 'error', 'erro', 'eror'] as const;

/** needsBackends: --clean does without --rs. */
export function careSettings(given: Given, needsBackends: boolean): CareSettings {
  const problems: string[] = [...given.problems, ...given.words.map((word) => `${JSON.stringify(word)} is not a flag and belongs to none`)];
  const read = flagReader(given, problems);
  const service = virtualServer(read);
  const backends = realServers(read, needsBackends);
  const settings: Omit<CareSettings, 'service'> = {
    backends,
    dataplane: read.choice('backend', ['auto', 'nft', 'ipvs', 'proxy'], 'auto'),
    scheduler: read.choice('scheduler', ['rr', 'lc', 'dh', 'sh', 'wrr', 'wlc'], 'rr'),
    check: healthCheck(read),
    pace: pace(read),
    health: defaultHealth,
    discovery: discovery(read),
    mode: read.choice('mode', ['route', 'link'], 'route'),
    interface: interfaceName(read),
    nodeIp: nodeIp(read, service),
    masqueradeBit: read.integer('masqueradebit', { least: 0, most: 31, otherwise: 0 }),
    preferLocal: !read.isOn('no-prefer-local'),
    stateDirectory: read.path('state-directory', '/var/lib/trivet-care'),
    socket: read.path('socket', '/run/trivet-care/care.sock'),
    metrics: metrics(read),
    logger: loggers[read.choice('logger', loggerNames, 'info')],
    trackFile: read.isGiven('track-file') ? read.path('track-file', '') : undefined,
  };
  if (settings.socket.length > 100) read.problem('socket', "is longer than a unix socket's path may be (100 bytes)");
  if (service !== undefined) compare(read, service, settings);
  if (service !== undefined && problems.length === 0) return { service, ...settings };
  throw new Failure(
    'USAGE',
    problems.length === 1 ? (problems[0] ?? '') : `${problems.length} things are wrong with the flags of trivet care`,
    {
      findings: problems.length === 1 ? [] : problems,
      remedy: 'trivet care --help explains every flag',
    },
  );
}

function virtualServer(read: FlagReader): Address | undefined {
  const text = read.text('vs');
  if (text !== undefined) return read.address('vs', text.trim());
  read.problem('vs', 'is needed: the virtual server, as --vs 10.103.97.2:6443');
  return undefined;
}

function realServers(read: FlagReader, needed: boolean): readonly Address[] {
  const found = new Map<string, Address>();
  const texts = read.list('rs');
  if (texts.length === 0 && needed) read.problem('rs', 'is needed: at least one backend, as --rs 192.168.0.2:6443');
  for (const text of texts) {
    const address = read.address('rs', text);
    if (address === undefined) continue;
    if (found.has(addressText(address))) read.problem('rs', `${addressText(address)} is given twice`);
    found.set(addressText(address), address);
  }
  return [...found.values()];
}

/** What is right in itself and wrong together. */
function compare(read: FlagReader, service: Address, { backends, dataplane, mode }: Omit<CareSettings, 'service'>): void {
  for (const backend of backends) {
    if (backend.family !== service.family)
      read.problem('rs', `${addressText(backend)} is IPv${backend.family}, and --vs is IPv${service.family}`);
    else if (backend.ip === service.ip && (backend.port === service.port || !isLoopback(service))) {
      read.problem('rs', `${addressText(backend)} is the virtual server's own address: name the machine's own one`);
    }
  }
  if (isLoopback(service) && (dataplane === 'nft' || dataplane === 'ipvs')) {
    read.problem('vs', `${addressText(service)} is loopback, which only --backend proxy can serve`);
  }
  if (dataplane === 'proxy' && mode === 'link' && isLoopback(service))
    read.problem('mode', 'a loopback address needs no interface: leave --mode out');
}

function pace(read: FlagReader): Pace {
  const everyMs = read.duration('interval', { least: 20, most: 3_600_000, otherwise: defaultPace.everyMs });
  const checkTimeoutMs = read.duration('health-timeout', { least: 10, most: 600_000, otherwise: defaultPace.checkTimeoutMs });
  return {
    ...defaultPace,
    everyMs,
    checkEveryMs: Math.max(everyMs, defaultPace.checkEveryMs),
    checkTimeoutMs,
    timeoutMs: Math.min(defaultPace.timeoutMs, checkTimeoutMs),
  };
}

function discovery(read: FlagReader): DiscoverySettings | undefined {
  const off = read.isGiven('discover') && !read.isOn('discover');
  if (off || !(read.isOn('discover') || read.isGiven('kubeconfig'))) return undefined;
  return { kubeconfig: read.path('kubeconfig', '/etc/kubernetes/kubelet.conf'), absentMs: 30_000 };
}

function interfaceName(read: FlagReader): string {
  const name = read.text('iface') ?? 'lvscare';
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name))
    read.problem('iface', `${JSON.stringify(name)} is no interface's name: up to 15 of a-z 0-9 . _ -`);
  return name;
}

function nodeIp(read: FlagReader, service: Address | undefined): string | undefined {
  const ip = read.text('ip');
  if (ip === undefined) return undefined;
  if (isIP(ip) === 0) read.problem('ip', `${JSON.stringify(ip)} is no IP`);
  else if (service !== undefined && isIP(ip) !== service.family)
    read.problem('ip', `${ip} is IPv${isIP(ip)}, and --vs is IPv${service.family}`);
  else if (ip === service?.ip) read.problem('ip', `${ip} is the virtual server's own address: name the node's`);
  return ip;
}

function metrics(read: FlagReader): Address | undefined {
  const text = read.text('metrics');
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined) read.address('metrics', text);
  else if (isLoopback(address)) return address;
  else read.problem('metrics', `${addressText(address)} is not loopback, where only this machine can ask: 127.0.0.1:${address.port}`);
  return undefined;
}

function isLoopback({ ip, family }: Address): boolean {
  return family === 4 ? ip.startsWith('127.') : ip === '::1';
}
