/** Mode route: a route to the VIP by which the machine's own connections to it have the node's own source, so that they need no masquerade. */

import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import { parseJson, recordsOf, textOf } from './json.ts';
import { lastWords, programOutput, runProgram } from './run-program.ts';
import { hostPrefix, isLoopback } from './service-names.ts';

/** By this number in `ip route`'s protocol field our routes are known: others' are never touched. */
const protocol = '116';

export interface VipRoute {
  readonly device: string;
  readonly nodeIp: string;
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
    if (route.device !== 'lo') return { device: route.device, nodeIp: source };
    if (own === undefined || isLoopback({ ip: own.nodeIp, family, port: 1 })) own = { device: 'lo', nodeIp: source };
  }
  if (own !== undefined) return own;
  throw new Failure('CARE_DATAPLANE', `this machine has no route to any backend of ${backends.map(addressText).join(', ')}`, {
    remedy: 'Look at: ip route',
  });
}

/** Returns what it changed, a line each. */
export async function ensureRoute(service: Address, route: VipRoute): Promise<readonly string[]> {
  const shown = await runProgram(['ip', '-j', ...familyOption(service.family), 'route', 'show', hostPrefix(service), 'proto', protocol]);
  const now = recordsOf(parseJson(shown.stdout));
  const [only] = now;
  if (now.length === 1 && textOf(only?.dev) === route.device && textOf(only?.prefsrc) === route.nodeIp) return [];
  if (now.length > 0) await removeRoute(service);
  const prefix = hostPrefix(service);
  await programOutput([
    ...['ip', ...familyOption(service.family), 'route', 'replace', prefix],
    ...['dev', route.device, 'src', route.nodeIp, 'proto', protocol],
  ]);
  return [`route to ${prefix} by ${route.device} from ${route.nodeIp}`];
}

export async function removeRoute(service: Address): Promise<readonly string[]> {
  const family = familyOption(service.family);
  const prefix = hostPrefix(service);
  const shown = await runProgram(['ip', '-j', ...family, 'route', 'show', prefix, 'proto', protocol]);
  if (recordsOf(parseJson(shown.stdout)).length === 0) return [];
  const result = await runProgram(['ip', ...family, 'route', 'flush', prefix, 'proto', protocol]);
  if (result.code !== 0) throw new Failure('CARE_DATAPLANE', `the route to ${prefix} cannot be removed: ${lastWords(result)}`);
  return [`route to ${prefix} removed`];
}

export function familyOption(family: 4 | 6): readonly string[] {
  return family === 6 ? ['-6'] : ['-4'];
}
