/** Files on a machine: written whole or not at all, read, uploaded once. */

import { access, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import pLimit from 'p-limit';
import type { Connection, RunResult } from '../model/connection.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { reveal } from '../model/secret.ts';
import { alreadyThereScript, differentStatus, missingStatus, readScript, receiveScript, writeScript } from './machine-file-scripts.ts';
import type { Order } from './order.ts';

type Execute = (order: Order) => Promise<RunResult>;

const smallFileSeconds = 120;

/** More at a time only share the operator's own network. */
const transfers = pLimit(4);

export function machineFiles(host: Host, execute: Execute): Pick<Connection, 'write' | 'read' | 'upload'> {
  return {
    write: async (path, content, mode) => {
      const bytes = Buffer.from(reveal(content), 'utf8');
      const result = await execute({
        script: writeScript(path, bytes.length, mode),
        what: `writing ${path}`,
        timeoutSeconds: smallFileSeconds,
        feed: (stdin) => void stdin.end(bytes),
      });
      if (result.code === differentStatus) {
        throw new Failure('CONNECTION_LOST', `${path} did not arrive whole on ${host.name}; it was left as it was`, { host: host.name });
      }
      if (result.code !== 0) throw fileFailure(host, `write ${path}`, path, result);
    },
    read: async (path) => {
      const result = await execute({ script: readScript(path), what: `reading ${path}`, timeoutSeconds: smallFileSeconds });
      if (result.code === 0) return result.stdout;
      if (result.code === missingStatus) return undefined;
      throw fileFailure(host, `read ${path}`, path, result);
    },
    upload: async (source, path, { sha256, signal, ...mode }) => {
      await access(source).catch((cause: unknown) => {
        throw new Failure('BUNDLE', `${source} cannot be read on this machine`, { cause, remedy: `ls -l ${source}` });
      });
      const common = { timeoutSeconds: undefined, signal };
      const there = await execute({ ...common, script: alreadyThereScript(path, sha256, mode), what: `checking ${path}` });
      if (there.code === 0) return;
      const send = () =>
        execute({
          ...common,
          script: receiveScript(path, sha256, mode),
          what: `uploading ${path}`,
          // An error of the disk here ends the input early, and the SHA-256 tells.
          feed: (stdin) => void feedFile(source, stdin).catch(() => stdin.destroy()),
        });
      const result = await transfers(send);
      if (result.code === differentStatus) {
        throw new Failure(
          'BUNDLE',
          `${source} does not have the SHA-256 ${sha256} after its upload to ${host.name}; nothing was replaced`,
          {
            host: host.name,
            remedy: `Compare: sha256sum ${source}`,
          },
        );
      }
      if (result.code !== 0) throw fileFailure(host, `upload ${path}`, path, result);
    },
  };
}

function fileFailure(host: Host, what: string, path: string, { code, stderr }: RunResult): Failure {
  const said = stderr.trim();
  if (/No space left on device|Disk quota exceeded/.test(said)) {
    return new Failure('DISK_FULL', `cannot ${what} on ${host.name}: the disk is full; the file was left as it was`, {
      host: host.name,
      remedy: `On ${host.name}: df -h ${dirname(path)}; df -i ${dirname(path)}`,
      findings: said.split('\n'),
    });
  }
  return new Failure('STEP_FAILED', `cannot ${what} on ${host.name}: ${said || `exit ${code}`}`, {
    host: host.name,
    remedy: `On ${host.name}: ls -ld ${dirname(path)} ${path}`,
  });
}

/** One buffer for the whole file: streams make a new one for each read, and hundreds wait for the collector. */
async function feedFile(source: string, stdin: Writable): Promise<void> {
  const file = await open(source);
  try {
    const buffer = Buffer.allocUnsafe(1 << 17);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      await new Promise<void>((resolve, reject) =>
        stdin.write(buffer.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve())),
      );
    }
    stdin.end();
  } finally {
    await file.close();
  }
}
