/** A data plane inside a machine of the lab: the daemon's own code, bundled, with a Node of its own. */

import { spawn } from 'node:child_process';
import { copyFile, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { isRecord } from '../../../src/care/json.ts';
import { machineDirectories } from '../../../src/lab/lab-directories.ts';
import { requireLab, requireMachine } from '../../../src/lab/lab-file.ts';
import { labSshCommand } from '../../../src/lab/lab-ssh.ts';
import { powerOff, powerOn } from '../../../src/lab/power.ts';
import { enterLab } from '../../../src/lab/run-in-lab.ts';
import { toolPath } from '../../../src/lab/run-tool.ts';
import { packageRoot } from '../../../src/local/package-root.ts';
import { emit } from '../on-lab.ts';

export interface Answer {
  readonly result?: unknown;
  readonly failure?: unknown;
  readonly kind?: unknown;
  readonly detail?: unknown;
  readonly logged: readonly string[];
  /** Milliseconds that it took inside the machine. */
  readonly ms: number;
}

export interface DataplaneOnMachine {
  /** Throws when it failed. */
  readonly ask: (request: Readonly<Record<string, unknown>>) => Promise<Answer>;
  /** Standard input ends: the data plane is closed. */
  readonly end: () => Promise<void>;
  /** kill -9. */
  readonly kill: () => Promise<void>;
}

/** Puts Node and the driver into a running machine. */
export async function installDriver(lab: string, machine: string, scratch: string): Promise<void> {
  await copyTo(lab, machine, process.execPath, nodePath);
  await copyTo(lab, machine, await bundleDriver(scratch), driverPath);
}

/**
 * The same through its disk, the machine being off meanwhile: what is large gets stuck on the network of user-mode-linux.
 * `others`: path on the machine → file of the box.
 */
export async function installDriverOnDisk(
  lab: string,
  machine: string,
  scratch: string,
  others: Readonly<Record<string, string>> = {},
): Promise<void> {
  await powerOff({ lab, machine, emit });
  const { upper } = machineDirectories(lab, machine);
  const files = { [nodePath]: process.execPath, [driverPath]: await bundleDriver(scratch), ...others };
  for (const [to, from] of Object.entries(files)) {
    await mkdir(dirname(join(upper, to)), { recursive: true });
    await copyFile(from, join(upper, to));
  }
  await powerOn({ lab, machine, emit });
}

const nodePath = '/usr/local/bin/node';
const driverPath = '/usr/local/lib/dataplane-driver.mjs';

async function bundleDriver(scratch: string): Promise<string> {
  const outfile = join(scratch, 'dataplane-driver.mjs');
  const entryPoints = [join(packageRoot(), 'test/lab/parts/dataplane-driver.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

/** A file of the box, whole, executable. */
export async function copyTo(lab: string, machine: string, from: string, to: string): Promise<void> {
  const [program = '', ...rest] = await sshCommand(lab, machine, `cat > ${to}.new && chmod 755 ${to}.new && mv ${to}.new ${to}`);
  const file = await open(from);
  const child = spawn(program, rest, { stdio: [file.fd, 'ignore', 'inherit'], env: { ...process.env, PATH: toolPath() } });
  const code = await new Promise((resolve) => child.once('close', resolve));
  await file.close();
  if (code !== 0) throw new Error(`${from} cannot be copied to ${machine}`);
}

/** `service`, `mode` and `kind` as the driver takes them; they go with every request. */
export async function openOnMachine(lab: string, machine: string, common: Readonly<Record<string, unknown>>): Promise<DataplaneOnMachine> {
  const [program = '', ...rest] = await sshCommand(lab, machine, `echo $$; exec node ${driverPath}`);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PATH: toolPath() } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const closed = new Promise((resolve) => child.once('close', resolve));
  const pid = Number((await lines.next()).value);
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify({ ...common, ...request })}\n`);
      const { value } = await lines.next();
      const answer: unknown = JSON.parse(String(value));
      if (!isRecord(answer)) throw new Error(`no answer: ${String(value)}`);
      if (answer.failure !== undefined) throw new DriverFailure(JSON.stringify(answer.failure));
      const logged = Array.isArray(answer.logged) ? answer.logged.map(String) : [];
      return { ...answer, logged, ms: Number(answer.ms) };
    },
    end: async () => {
      child.stdin.end();
      await closed;
    },
    kill: async () => {
      const [kill = '', ...words] = await sshCommand(lab, machine, `kill -9 ${pid}`);
      spawn(kill, words, { stdio: 'ignore', env: { ...process.env, PATH: toolPath() } });
      await closed;
    },
  };
}

class DriverFailure extends Error {
  override readonly name = 'DriverFailure';
}

async function sshCommand(lab: string, machine: string, command: string): Promise<readonly string[]> {
  return enterLab(lab, labSshCommand(lab, requireMachine(await requireLab(lab), machine), [command]));
}
