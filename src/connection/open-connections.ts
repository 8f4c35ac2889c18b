/** The connections of one run: each host's is opened once, and all end with this process. */

import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import type { Connect } from '../model/connection.ts';
import type { Emit } from '../model/event.ts';
import type { Host } from '../model/host.ts';
import type { Secret } from '../model/secret.ts';
import { askPasswords } from './ask-passwords.ts';
import { hostConnection, type OpenableConnection } from './host-connection.ts';
import type { TunnelTarget } from './open-tunnel.ts';
import { ownDirectory } from './own-directory.ts';

export interface ConnectionOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly emit?: Emit;
  /** Asks the operator for a password; left out: there is nobody to ask. */
  readonly ask?: (question: string) => Promise<Secret>;
  /** How many hosts are opened at the same time. Default 16. */
  readonly limit?: number;
  /** Put before ssh, such as nsenter into a lab's network namespace. */
  readonly prefix?: readonly string[];
}

export type Tunnel = (host: Host, target: TunnelTarget, signal?: AbortSignal) => Promise<Duplex>;

export interface Connections {
  readonly connect: Connect;
  /** A TCP connection from a host, over SSH. */
  readonly tunnel: Tunnel;
  readonly closeAll: () => Promise<void>;
}

export function openConnections(options: ConnectionOptions): Connections {
  const limit = pLimit(options.limit ?? 16);
  const open = new Map<string, OpenableConnection>();
  const directory = ownDirectory();
  const warn = (message: string, host?: string) => options.emit?.({ kind: 'warning', message, ...(host === undefined ? {} : { host }) });
  const passwords = askPasswords({ environment: options.environment, ask: options.ask, warn });
  const token = `trivet-${randomBytes(8).toString('hex')}`;
  let names = 0;
  const make = (host: Host, key: string) =>
    hostConnection(host, {
      directory: directory.path,
      token,
      prefix: options.prefix ?? [],
      environment: withoutPassword(options.environment, host),
      passwords,
      nextName: () => String(names++),
      warn,
      closed: () => void open.delete(key),
    });
  const connect = async (host: Host, signal?: AbortSignal): Promise<OpenableConnection> => {
    const key = JSON.stringify([host.name, host.address, host.ssh]);
    const connection = open.get(key) ?? make(host, key);
    open.set(key, connection);
    await limit(() => connection.open(signal));
    return connection;
  };
  return {
    connect,
    tunnel: async (host, target, signal) => (await connect(host, signal)).tunnel(target, signal),
    closeAll: async () => {
      await Promise.allSettled([...open.values()].map((connection) => connection.close()));
      await directory.remove();
    },
  };
}

/** ssh and what it starts need not see the variable that holds a password. */
function withoutPassword(environment: ConnectionOptions['environment'], { ssh }: Host): ConnectionOptions['environment'] {
  return ssh.password?.kind === 'environment' ? { ...environment, [ssh.password.variable]: undefined } : environment;
}
