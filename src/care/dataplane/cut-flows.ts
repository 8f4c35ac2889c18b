/** Ends established connections to a backend that is gone: clients' sockets at once, then what the kernel remembers of them. */

import { type Address, addressText } from '../address.ts';
import type { DataplaneInput } from './dataplane.ts';
import { type Flow, parseConntrack } from './flows.ts';
import { networkNamespaces } from './network-namespaces.ts';
import { lastWords, runIfInstalled } from './run-program.ts';

export interface FlowCutter {
  /** All flows of the virtual server that the kernel tracks; none when conntrack is not installed. */
  readonly flows: () => Promise<readonly Flow[]>;
  /** Ends the sockets of these flows' clients, wherever on this machine they are. */
  readonly endClients: (flows: readonly Flow[]) => Promise<void>;
  /** The kernel forgets all flows to this backend: their next packet is taken as a new connection's, and is reset by a live backend. */
  readonly forget: (backend: Address) => Promise<void>;
}

/** ss is given this many sockets at a time: its filter is compiled with short jumps. */
const atATime = 100;

/** What is missing (ss, conntrack, rights) is said once in the log, and the rest goes on. */
export function openFlowCutter({ service, log }: Pick<DataplaneInput, 'service' | 'log'>): FlowCutter {
  const told = new Set<string>();
  const once = (what: string, message: string) => {
    if (told.has(what)) return;
    told.add(what);
    log('warn', message);
  };
  const run = async (argv: readonly string[]) => {
    const [program = ''] = argv;
    const result = await runIfInstalled(argv);
    if (result === undefined)
      once(program, `${program} is not installed: established connections to a backend that is down are not all cut`);
    return result;
  };
  const selected = [
    '-p',
    'tcp',
    ...(service.family === 6 ? ['-f', 'ipv6'] : []),
    '--orig-dst',
    service.ip,
    '--orig-port-dst',
    `${service.port}`,
  ];

  const endIn = async (enter: readonly string[], flows: readonly Flow[]): Promise<void> => {
    for (let start = 0; start < flows.length; start += atATime) {
      const filter = flows.slice(start, start + atATime).map((flow) => socketFilter(flow, service));
      const result = await run([...enter, 'ss', '-K', '-H', '-n', '-t', filter.join(' or ')]);
      if (result !== undefined && result.code !== 0) once('ss -K', `connections cannot be ended by ss -K: ${lastWords(result)}`);
    }
  };

  return {
    flows: async () => {
      const result = await run(['conntrack', '-L', ...selected]);
      if (result !== undefined && result.code !== 0) once('conntrack -L', `conntrack cannot list connections: ${lastWords(result)}`);
      return parseConntrack(result?.stdout ?? '');
    },
    endClients: async (flows) => {
      if (flows.length === 0) return;
      const clients = [...new Set(flows.map(({ client }) => client.ip))];
      const [namespaces] = await Promise.all([networkNamespaces(clients), endIn([], flows)]);
      const others = namespaces.map(({ path, ips }) =>
        endIn(
          ['nsenter', `--net=${path}`, '--'],
          flows.filter(({ client }) => ips.includes(client.ip)),
        ),
      );
      await Promise.all(others);
    },
    forget: async (backend) => {
      const result = await run(['conntrack', '-D', ...selected, '--reply-src', backend.ip, '--reply-port-src', `${backend.port}`]);
      // Status 1: there was none.
      if (result !== undefined && result.code > 1) once('conntrack -D', `conntrack cannot forget connections: ${lastWords(result)}`);
    },
  };
}

/** Exactly one socket: the client's own. */
function socketFilter({ client }: Flow, service: Address): string {
  return `( src = ${addressText(client)} and dst = ${addressText(service)} )`;
}
