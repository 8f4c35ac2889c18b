/** The entry of the one executable: care, the drills' agent and the command line are assets with code caches of their own; one of them is compiled. */

import { getAsset, getRawAsset } from 'node:sea';
import { Script } from 'node:vm';

interface Part {
  readonly careMain: (args: readonly string[]) => Promise<number>;
  readonly agentMain: (args: readonly string[]) => Promise<number>;
  readonly runCli: () => Promise<void>;
}

if (process.argv[2] === 'care') {
  void load('care')
    .careMain(process.argv.slice(3))
    .then((code) => {
      process.exitCode = code;
    });
} else if (process.argv[2] === 'drill-agent') {
  void load('agent')
    .agentMain(process.argv.slice(3))
    .then((code) => {
      process.exitCode = code;
    });
} else {
  void load('cli').runCli();
}

/** What the bundle exports: care.js has careMain, agent.js agentMain, cli.js runCli. */
function load(name: 'care' | 'agent' | 'cli'): Part {
  const cachedData = Buffer.from(getRawAsset(`${name}.cache`));
  const script = new Script(getAsset(`${name}.js`, 'utf8'), { filename: `${name}.js`, cachedData });
  const failing = () => Promise.resolve(1);
  const module: { exports: Part } = { exports: { careMain: failing, agentMain: failing, runCli: () => Promise.resolve() } };
  const run: (require: (id: string) => unknown, target: typeof module) => void = script.runInThisContext();
  run((id) => process.getBuiltinModule(id), module);
  return module.exports;
}
