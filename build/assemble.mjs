/** Puts the parts into a copy of the Node that runs this: a single executable application. Needs nothing but postject. */
import { chmod, copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inject } from 'postject';
import { run } from './run.mjs';

/** Writes the executable; the file appears whole or not at all. */
export async function assemble(parts, output) {
  const scratch = await mkdtemp(join(dirname(output), '.executable-'));
  try {
    const paths = (await readFile(join(parts, 'files.txt'), 'utf8')).trim().split('\n');
    await node(['-e', warm, 'cli', parts, scratch]);
    await node(['-e', warm, 'care', parts, scratch]);
    await node(['-e', warm, 'agent', parts, scratch]);
    const config = {
      main: join(parts, 'main.js'),
      output: join(scratch, 'blob'),
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      useSnapshot: false,
      execArgvExtension: 'none',
      assets: {
        'cli.js': join(parts, 'cli.js'),
        'cli.cache': join(scratch, 'cli.cache'),
        'care.js': join(parts, 'care.js'),
        'care.cache': join(scratch, 'care.cache'),
        'agent.js': join(parts, 'agent.js'),
        'agent.cache': join(scratch, 'agent.cache'),
        'files.txt': join(parts, 'files.txt'),
        'files.sha256': join(parts, 'files.sha256'),
        ...Object.fromEntries(paths.map((path) => [`files/${path}`, join(parts, 'files', path)])),
      },
    };
    await writeFile(join(scratch, 'config.json'), JSON.stringify(config));
    await node(['--experimental-sea-config', join(scratch, 'config.json')]);
    const program = join(scratch, 'program');
    await copyFile(process.execPath, program);
    await chmod(program, 0o755);
    await quietly(async () => {
      await inject(program, 'NODE_SEA_BLOB', await readFile(config.output), {
        sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
      });
    });
    await rename(program, output);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Runs the part as it is usually run, and keeps what V8 has compiled of it by then: the command line up to `--version`; care guarding
 * a free port of loopback for a second, which changes nothing of this machine; the drills' agent with nothing to probe. In a process of its own, without flags, as in the executable.
 */
const warm = `const [name, parts, scratch] = process.argv.slice(1);
const { readFileSync, writeFileSync } = require('node:fs');
const script = new (require('node:vm').Script)(readFileSync(parts + '/' + name + '.js', 'utf8'), { filename: name + '.js' });
const part = { exports: {} };
script.runInThisContext()((id) => process.getBuiltinModule(id), part);
const keep = () => writeFileSync(scratch + '/' + name + '.cache', script.createCachedData());
if (name === 'cli') {
  process.argv.splice(1, Infinity, 'trivet', '--version');
  part.exports.runCli().then(keep);
} else if (name === 'agent') {
  const plan = { from: 'here', token: 'none', samples: { vip: '192.0.2.1' }, maximumSeconds: 0.2 };
  writeFileSync(scratch + '/plan.json', JSON.stringify(plan));
  void part.exports.agentMain(['--directory', scratch]);
  setTimeout(() => { keep(); process.exit(0); }, 500);
} else {
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
    const service = '--vs=127.0.0.1:' + server.address().port;
    server.close(() => {
      void part.exports.careMain([service, '--rs=127.0.0.1:9', '--backend=proxy', '--health-timeout=500ms',
        '--state-directory=' + scratch + '/state', '--socket=' + scratch + '/s']);
      setTimeout(() => { keep(); process.exit(0); }, 1000);
    });
  });
}`;

function node(args) {
  return run(process.execPath, args);
}

/** LIEF, inside postject, warns of section names that it moved itself. */
async function quietly(work) {
  const { warn, error, log } = console;
  const silent = () => undefined;
  Object.assign(console, { warn: silent, error: silent, log: silent });
  try {
    return await work();
  } finally {
    Object.assign(console, { warn, error, log });
  }
}
