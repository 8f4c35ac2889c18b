/** Runs a program of the build. */
import { spawn } from 'node:child_process';

/** Its standard output; an Error with what it said when it fails. NODE_OPTIONS is the caller's own business, not the program's. */
export function run(program, args, { cwd } = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env };
    delete env.NODE_OPTIONS;
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${program} ${args[0]}: exit ${code}\n${said}`))));
  });
}
