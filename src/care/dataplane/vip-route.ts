/** Mode route: a route to the VIP by which the machine's own connections to it have the node's own source, so that they need no masquerade. */

import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import { parseJson, recordsOf, textOf } from '../json.ts';
import { lastWords, programOutput, runProgram } from './run-program.ts';
import { hostPrefix, isLoopback } from './service-names.ts';

/** By this number in `ip route`'s protocol field our routes are known: others' are never touched. */
const protocol = '116';

export interface VipRoute {
  readonly device: string;
  readonly nodeIp: string;
  /** local: the kernel takes what is sent there as sent to this machine itself. */
  readonly type: 'unicast' | 'local';
}

/** From `ip -j route get` or `ip -j route show`: device and source. undefined: no route. */
export function parseRoute(
  output: string,
): { readonly device: string; readonly source: string | undefined; readonly type: string } | undefined {
  const [route] = recordsOf(parseJson(output));
  const device = textOf(route?.dev);
  if (route === undefined || device === undefined) return undefined;
  return { device, source: textOf(route.prefsrc), type: textOf(route.type) ?? 'unicast' };
}

/**
 * The way by which the first backend that is not this machine is reached. If all are this machine: lo, where only the source counts.
 * `nodeIp`: given by the user. CARE_DATAPLANE when there is no way to any.
 */
export async function chooseRoute(backends: readonly Address[], nodeIp: string | undefined): Promise<VipRoute> {
  let own: VipRoute | undefined;
  for (const { ip, family } of backends) {
    const result = await runProgram(['ip', '-j', ...familyOption(family), 'route', 'get', ip]);
    const route = result.code === 0 ? parseRoute(result.stdout) : undefined;
    if (route === undefined) continue;
    const source = nodeIp ?? route.source;
    if (source === undefined) continue;
    if (route.device !== 'lo') return { device: route.device, nodeIp: source, type: 'unicast' };
    if (own === undefined || isLoopback({ ip: own.nodeIp, family, port: 1 })) own = { device: 'lo', nodeIp: source, type: 'unicast' };
  }
  if (own !== undefined) return own;
  throw new Failure('CARE_DATAPLANE', `this machine has no route to any backend of ${backends.map(addressText).join(', ')}`, {
    remedy: 'Look at: ip route',
  });
}

/**
 * The same with the VIP looped back to this machine, as IPVS needs it: it sends what it gives to this machine's own backend along the
 * route that the client's packet came with. IPv6 takes that in again only as local; with IPv4 local would answer ARP for the VIP.
 */
export function loopedRoute({ nodeIp }: VipRoute, family: 4 | 6): VipRoute {
  return { device: 'lo', nodeIp, type: family === 6 ? 'local' : 'unicast' };
}

/** Returns what it changed, a line each. */
export async function ensureRoute(service: Address, { device, nodeIp, type }: VipRoute): Promise<readonly string[]> {
  const now = await ownRoutes(service);
  const [only] = now;
  const typeNow = textOf(only?.type) ?? 'unicast';
  if (now.length === 1 && typeNow === type && textOf(only?.dev) === device && textOf(only?.prefsrc) === nodeIp) return [];
  // One of the same kind is replaced in place: in between, connections would go another way.
  if (now.length > 1 || (now.length === 1 && typeNow !== type)) await removeRoute(service);
  const prefix = hostPrefix(service);
  await programOutput([
    ...['ip', ...familyOption(service.family), 'route', 'replace', type, prefix],
    ...['dev', device, 'src', nodeIp, 'proto', protocol],
  ]);
  return [`route to ${prefix} by ${device} from ${nodeIp}`];
}

/** In whatever table. */
async function ownRoutes(service: Address): Promise<ReturnType<typeof recordsOf>> {
  const family = familyOption(service.family);
  const shown = await runProgram(['ip', '-j', ...family, 'route', 'show', 'table', 'all', hostPrefix(service), 'proto', protocol]);
  return recordsOf(parseJson(shown.stdout));
}

export async function removeRoute(service: Address): Promise<readonly string[]> {
  const family = familyOption(service.family);
  const prefix = hostPrefix(service);
  if ((await ownRoutes(service)).length === 0) return [];
  const result = await runProgram(['ip', ...family, 'route', 'flush', 'table', 'all', prefix, 'proto', protocol]);
  if (result.code !== 0) throw new Failure('CARE_DATAPLANE', `the route to ${prefix} cannot be removed: ${lastWords(result)}`);
  return [`route to ${prefix} removed`];
}

export function familyOption(family: 4 | 6): readonly string[] {
  return family === 6 ? ['-6'] : ['-4'];
}
