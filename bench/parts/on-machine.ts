/** Asks a lab's machines, and the API at its virtual address, past trivet. */

import { type Lab, requireMachine } from '../../src/lab/lab-file.ts';
import { labNetwork } from '../../src/lab/lab-plan.ts';
import { labSshCommand } from '../../src/lab/lab-ssh.ts';
import { runInLab } from '../../src/lab/run-in-lab.ts';

/** Standard output of a shell script that runs on the machine; an Error with its standard error when it fails, or takes over a minute. */
export async function onMachine(lab: Lab, machine: string, script: string, stdin?: string): Promise<string> {
  const [ssh = '', ...rest] = labSshCommand(lab.name, requireMachine(lab, machine), [script]);
  const argv = [ssh, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', ...rest];
  const result = await runInLab(lab.name, argv, { timeoutSeconds: 60, ...(stdin === undefined ? {} : { stdin }) }).catch(
    (error: unknown) => ({ code: -1, stdout: '', stderr: error instanceof Error ? error.message : String(error) }),
  );
  if (result.code === 0) return result.stdout;
  const last = (result.stderr || result.stdout).trim().split('\n').slice(-5).join('; ');
  throw new Error(`on ${machine}, status ${result.code}: ${last} (${script.slice(0, 80)})`);
}

/** HTTP status of a path at the VIP, 0 when nothing answers. */
export async function apiStatus(lab: Lab, path: string): Promise<number> {
  const url = `https://${labNetwork.vip}:6443/${path}`;
  const result = await runInLab(lab.name, ['curl', '-sk', '-o', '/dev/null', '--max-time', '5', '-w', '%{http_code}', url]);
  return Number(result.stdout);
}

/** Names of the lab's masters, in their order. */
export function masterNames(lab: Lab): readonly string[] {
  return lab.machines.filter((machine) => machine.role === 'master').map((machine) => machine.name);
}
