/** A TCP connection from a machine to where it can reach, over its open SSH connection: it needs no program on the machine. */

import { Duplex } from 'node:stream';
import { spawnSsh, sshEnd } from './spawn-ssh.ts';
import { tunnelArgv } from './ssh-argv.ts';
import type { Link } from './start-session.ts';

export interface TunnelTarget {
  /** A name or an address, as the machine resolves it. */
  readonly address: string;
  readonly port: number;
}

/** It ends without a word when the machine cannot connect, or its sshd forbids forwarding. Destroying it ends its ssh. */
export function openTunnel(link: Link, target: TunnelTarget): Duplex {
  const child = spawnSsh({ argv: tunnelArgv(link.socket, link.token, target), environment: link.environment });
  child.stderr.resume();
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  // What has come is still to be read; only an ssh that cannot even start ends it from here.
  sshEnd(child).catch((error: Error) => duplex.destroy(error));
  duplex.once('close', () => child.kill('SIGTERM'));
  // Whoever reads it is told by its end; its own pipes are told by being destroyed.
  for (const stream of [duplex, child.stdout]) stream.on('error', () => undefined);
  return duplex;
}
