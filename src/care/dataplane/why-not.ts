/** Why a kind of data plane cannot be made on this machine, in words for people; found out by trying, without a trace. */

import { readFile, stat } from 'node:fs/promises';
import type { Address } from '../address.ts';
import type { DataplaneKind } from '../settings.ts';
import { renderRules } from './nft/render-rules.ts';
import { renderTransaction } from './nft/transaction.ts';
import { lastWords, runIfInstalled } from './run-program.ts';
import { isLoopback } from './service-names.ts';
import { carriersOf } from './vip-address.ts';

/** undefined: nothing speaks against it. */
export async function whyNot(kind: DataplaneKind, service: Address): Promise<string | undefined> {
  switch (kind) {
    case 'nft':
      return whyNotNft(service);
    case 'ipvs':
      return whyNotIpvs(service);
    case 'proxy':
      return whyNotProxy(service);
  }
}

const noRight = 'this process may not change the network (it lacks the capability NET_ADMIN; run it as root)';

async function whyNotNft(service: Address): Promise<string | undefined> {
  if (isLoopback(service)) return `${service.ip} is a loopback address, which nft cannot take connections for`;
  if (!(await hasCapability('net_admin'))) return noRight;
  if ((await runIfInstalled(['ip', '-V'])) === undefined) return 'the program ip is not installed (package iproute2)';
  const other = { ...service, port: 1 };
  const targets = [service, other].map((address) => ({ address, weight: 1 }));
  const input = { service, nodeIp: service.ip, mark: undefined } as const;
  const tables = [{ kind: 'serve', targets } as const, { kind: 'reject', targets: [] } as const];
  for (const table of tables) {
    const tried = await runIfInstalled(['nft', '--check', '-f', '-'], `${renderTransaction(renderRules({ ...input, table }), 'table')}\n`);
    if (tried === undefined) return 'the program nft is not installed (package nftables)';
    if (tried.code !== 0) return `this kernel or this nft lacks what is needed: ${lastWords(tried)}`;
  }
  return undefined;
}

async function whyNotIpvs(service: Address): Promise<string | undefined> {
  if (isLoopback(service)) return `${service.ip} is a loopback address, which IPVS cannot take connections for`;
  if (!(await hasCapability('net_admin'))) return noRight;
  if (!(await exists('/proc/net/ip_vs'))) await runIfInstalled(['modprobe', 'ip_vs']);
  if (!(await exists('/proc/net/ip_vs'))) return 'this kernel has no IP_VS, or its module ip_vs is not loaded (modprobe ip_vs)';
  const listed = await runIfInstalled(['ipvsadm', '-S', '-n']);
  if (listed === undefined) return 'the program ipvsadm is not installed (package ipvsadm)';
  return listed.code === 0 ? undefined : `ipvsadm cannot list the rules: ${lastWords(listed)}`;
}

async function whyNotProxy(service: Address): Promise<string | undefined> {
  if (service.port < 1024 && !(await hasCapability('net_bind_service')))
    return `port ${service.port} needs the capability NET_BIND_SERVICE, or root`;
  if ((await carriersOf(service)).length > 0) return undefined;
  if ((await runIfInstalled(['ip', '-V'])) === undefined) return 'the program ip is not installed (package iproute2)';
  return (await hasCapability('net_admin')) ? undefined : `${service.ip} must be put on lo, and ${noRight}`;
}

const capabilities = { net_bind_service: 10n, net_admin: 12n } as const;

async function hasCapability(name: keyof typeof capabilities): Promise<boolean> {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(await readFile('/proc/self/status', 'utf8').catch(() => ''))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> capabilities[name]) & 1n) === 1n;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
