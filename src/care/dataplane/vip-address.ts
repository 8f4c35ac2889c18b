/** The VIP as an address of this machine: on lo for the proxy, on a dummy interface in mode link; never answered for towards the LAN. */

import { Failure } from '../../model/failure.ts';
import type { Address } from '../address.ts';
import { parseJson, recordsOf, textOf } from '../json.ts';
import type { DataplaneInput } from './dataplane.ts';
import { forgetChanges, readChanges, writeChanges } from './machine-changes.ts';
import { lastWords, programOutput, runIfInstalled, runProgram } from './run-program.ts';
import { hostPrefix, isLoopback, serviceName } from './service-names.ts';
import { ensureSysctls, restoreSysctls } from './sysctl.ts';
import { familyOption } from './vip-route.ts';

/** From `ip -j addr show`: the interfaces that carry the address. */
export function parseCarriers(output: string, ip: string): readonly string[] {
  return recordsOf(parseJson(output)).flatMap((link) => {
    const name = textOf(link.ifname);
    return name !== undefined && recordsOf(link.addr_info).some(({ local }) => local === ip) ? [name] : [];
  });
}

export async function carriersOf({ ip, family }: Address): Promise<readonly string[]> {
  if (isLoopback({ ip, family, port: 1 })) return ['lo'];
  const shown = await runIfInstalled(['ip', '-j', ...familyOption(family), 'addr', 'show']);
  return parseCarriers(shown?.stdout ?? '', ip);
}

/** nft and IPVS cannot take connections for an address that the machine has already; CARE_DATAPLANE then. */
export async function refuseOwnAddress({ service, mode, interface: name }: DataplaneInput): Promise<void> {
  const carriers = (await carriersOf(service)).filter((carrier) => mode === 'route' || carrier !== name);
  if (carriers.length === 0) return;
  throw new Failure(
    'CARE_DATAPLANE',
    `${service.ip} is this machine's own address, on ${carriers.join(', ')}: a virtual server needs one that is free`,
    {
      remedy: 'Choose an address that no machine has, outside the ranges of pods and services: --vs 10.103.97.2:6443; or --backend proxy.',
    },
  );
}

/** Makes the dummy interface if it is missing (as lvscare's link mode does), and puts the VIP on it. */
export async function ensureLinkWithAddress(input: DataplaneInput): Promise<readonly string[]> {
  const { interface: name, service } = input;
  const there = await runProgram(['ip', '-j', 'link', 'show', 'dev', name]);
  const changed: string[] = [];
  if (there.code !== 0) {
    const changes = await readChanges(input.stateDirectory, service);
    await writeChanges(input.stateDirectory, service, { ...changes, link: name });
    const added = await runProgram(['ip', 'link', 'add', name, 'type', 'dummy']);
    if (added.code !== 0)
      throw new Failure('CARE_DATAPLANE', `the interface ${name} of mode link cannot be made: ${lastWords(added)}`, {
        remedy: 'The kernel may lack the module dummy. Take the other mode: --mode route',
      });
    changed.push(`interface ${name} made`);
  }
  await programOutput(['ip', 'link', 'set', 'dev', name, 'up']);
  return [...changed, ...(await ensureAddress(input, name))];
}

export async function ensureAddress(input: DataplaneInput, device: string): Promise<readonly string[]> {
  const { service } = input;
  const silenced = await ensureSilence(input);
  if ((await carriersOf(service)).includes(device)) return silenced;
  const changes = await readChanges(input.stateDirectory, service);
  await writeChanges(input.stateDirectory, service, { ...changes, addressOn: device });
  const scope = service.family === 6 ? ['nodad'] : ['scope', 'host'];
  await programOutput(['ip', ...familyOption(service.family), 'addr', 'replace', hostPrefix(service), 'dev', device, ...scope]);
  return [...silenced, `${hostPrefix(service)} on ${device}`];
}

/**
 * Otherwise the kernel answers ARP for the VIP on every interface, and every machine of the LAN claims it. A rule of nft's for this one
 * address touches nothing else; without nft, arp_ignore and arp_announce for all interfaces. IPv6 answers only on the address's own one.
 */
async function ensureSilence(input: DataplaneInput): Promise<readonly string[]> {
  const { service } = input;
  if (service.family === 6) return [];
  const table = `arp ${serviceName(service)}`;
  const listed = await runIfInstalled(['nft', 'list', 'table', 'arp', serviceName(service)]);
  if (listed?.code === 0) return [];
  const line = [
    ...[`add table ${table}`, `delete table ${table}`, `add table ${table}`],
    `add chain ${table} input { type filter hook input priority 0; policy accept; }`,
    `add rule ${table} input arp daddr ip ${service.ip} drop`,
    `add chain ${table} output { type filter hook output priority 0; policy accept; }`,
    `add rule ${table} output arp saddr ip ${service.ip} drop`,
  ].join('; ');
  const done = listed === undefined ? undefined : await runProgram(['nft', '-f', '-'], `${line}\n`);
  if (done?.code === 0) return [`no answer to ARP for ${service.ip}`];
  return ensureSysctls(input, { 'net.ipv4.conf.all.arp_ignore': '1', 'net.ipv4.conf.all.arp_announce': '2' });
}

/** Takes away what was put there for this virtual server, as written down; idempotent. */
export async function undoMachineChanges(input: Pick<DataplaneInput, 'service' | 'stateDirectory'>): Promise<readonly string[]> {
  const { service, stateDirectory } = input;
  const { addressOn, link, sysctls } = await readChanges(stateDirectory, service);
  const changed: string[] = [];
  if (addressOn !== undefined && (await carriersOf(service)).includes(addressOn) && !isLoopback(service)) {
    await programOutput(['ip', ...familyOption(service.family), 'addr', 'del', hostPrefix(service), 'dev', addressOn]);
    changed.push(`${hostPrefix(service)} removed from ${addressOn}`);
  }
  if (link !== undefined && (await isEmptyLink(link))) {
    await programOutput(['ip', 'link', 'del', 'dev', link]);
    changed.push(`interface ${link} removed`);
  }
  changed.push(...(await restoreSysctls(sysctls)));
  await forgetChanges(stateDirectory, service);
  return changed;
}

/** Another virtual server may have its address there meanwhile; what the kernel gave the interface itself (fe80::) does not count. */
async function isEmptyLink(name: string): Promise<boolean> {
  const shown = await runProgram(['ip', '-j', 'addr', 'show', 'dev', name]);
  if (shown.code !== 0) return false;
  return !recordsOf(parseJson(shown.stdout)).some((link) => recordsOf(link.addr_info).some(({ scope }) => scope !== 'link'));
}
