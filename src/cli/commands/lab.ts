/** `trivet lab`: machines on this box, to rehearse on. */

import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Emit } from '../../model/event.ts';

const defaultName = 'demo';

export function addLabCommand(program: Command): void {
  const lab = program.command('lab').description('machines on this box: real systemd in network namespaces without a way out');
  addUp(lab);
  addDown(lab);
  addStatus(lab);
  addReach(lab);
  addPower(lab);
  addUndoLater(lab);
}

interface UpOptions {
  readonly name: string;
  readonly masters: number;
  readonly workers: number;
  readonly etcd: number;
  readonly lb: number;
  readonly lbKernel: 'shared' | 'own';
  readonly etcdDisk?: number;
  readonly bundle?: string;
}

function addUp(lab: Command): void {
  lab
    .command('up')
    .description('make a lab and write its cluster file; powers on what is off, changes nothing when all is up')
    .option('--name <name>', 'name of the lab', defaultName)
    .option('--masters <n>', 'masters', count, 3)
    .option('--workers <n>', 'workers', count, 1)
    .option('--etcd <n>', 'machines for an external etcd', count, 0)
    .option('--lb <n>', 'machines for an external balancer', count, 0)
    .addOption(
      new Option('--lb-kernel <which>', "the balancers' kernel: the box's, or one of their own, with IP_VS")
        .choices(['shared', 'own'])
        .default('shared'),
    )
    .option(
      '--etcd-disk <mb>',
      'a small disk of its own for etcd, on masters and etcd machines (default: etcd writes to the disk of this box)',
      megabytes,
    )
    .option('--bundle <path>', 'offline bundle to be named in the cluster file')
    .action(async (options: UpOptions) => {
      const { labUp } = await import('../../lab/lab-up.ts');
      const { name, bundle, etcdDisk, ...shape } = options;
      const optional = { ...(bundle === undefined ? {} : { bundle }), ...(etcdDisk === undefined ? {} : { etcdDiskMb: etcdDisk }) };
      const result = await interruptible((signal) => labUp({ name, shape, ...optional, emit: printProgress, signal }));
      const machines = result.lab.machines.map((machine) => `${machine.name} ${machine.address}`).join(', ');
      process.stdout.write(`${name}: ${machines}\ncluster file: ${result.clusterFile}\n`);
    });
}

function addDown(lab: Command): void {
  lab
    .command('down')
    .description('remove a lab: processes, mounts, namespaces, cgroups, disks; after a crash too')
    .option('--name <name>', 'name of the lab')
    .option('--all', 'every lab of this machine')
    .action(async (options: { name?: string; all?: boolean }) => {
      const { labDown, labNames } = await import('../../lab/lab-down.ts');
      const names = options.all === true ? await labNames() : [options.name ?? defaultName];
      for (const name of names) {
        const wasThere = await interruptible((signal) => labDown(name, { emit: printProgress, signal }));
        process.stdout.write(wasThere ? `${name}: gone\n` : `${name}: there is no such lab\n`);
      }
    });
}

function addStatus(lab: Command): void {
  lab
    .command('status')
    .description('labs and their machines')
    .option('-o, --output <format>', 'json')
    .action(async (options: { output?: string }) => {
      const { labStatus } = await import('../../lab/lab-status.ts');
      const labs = await labStatus();
      if (options.output === 'json') return void process.stdout.write(`${JSON.stringify({ labs }, null, 2)}\n`);
      if (labs.length === 0) return void process.stdout.write('no labs\n');
      for (const { name, state, clusterFile, machines } of labs) {
        process.stdout.write(`${name}: ${state} (${clusterFile})\n`);
        for (const machine of machines) process.stdout.write(`  ${machine.name}  ${machine.address}  ${machine.role}  ${machine.power}\n`);
      }
    });
}

function addReach(lab: Command): void {
  lab
    .command('ssh')
    .description('a shell, or a command, on a machine')
    .argument('<machine>', 'm1, w1, …')
    .argument('[command...]', 'after --; run there by the shell, as ssh does')
    .option('--name <name>', 'name of the lab', defaultName)
    .action(async (machineName: string, command: readonly string[], options: { name: string }) => {
      const [{ requireLab, requireMachine }, { labSshCommand }, { runInLabInteractively }] = await Promise.all([
        import('../../lab/lab-file.ts'),
        import('../../lab/lab-ssh.ts'),
        import('../../lab/run-in-lab.ts'),
      ]);
      const machine = requireMachine(await requireLab(options.name), machineName);
      process.exitCode = await runInLabInteractively(options.name, labSshCommand(options.name, machine, command));
    });
  lab
    .command('exec')
    .description('run a program on this box, inside the network of the lab')
    .argument('<command...>', 'after --; program and arguments')
    .option('--name <name>', 'name of the lab', defaultName)
    .action(async (command: readonly string[], options: { name: string }) => {
      const [{ requireLab }, { runInLabInteractively }] = await Promise.all([
        import('../../lab/lab-file.ts'),
        import('../../lab/run-in-lab.ts'),
      ]);
      await requireLab(options.name);
      process.exitCode = await runInLabInteractively(options.name, command);
    });
}

function addPower(lab: Command): void {
  const power = lab.command('power').description('power of a machine');
  for (const to of ['off', 'on'] as const) {
    power
      .command(to)
      .description(
        to === 'off'
          ? 'pull the plug: the network goes first, nothing says goodbye'
          : 'boot from the same disk; lets a frozen machine go on',
      )
      .argument('<machine>', 'm1, w1, …')
      .option('--name <name>', 'name of the lab', defaultName)
      .action(async (machine: string, options: { name: string }) => {
        const [{ powerOff, powerOn }, { endUndo }] = await Promise.all([import('../../lab/power.ts'), import('../../lab/armed-undo.ts')]);
        const change = to === 'off' ? powerOff : powerOn;
        const changed = await interruptible((signal) => change({ lab: options.name, machine, emit: printProgress, signal }));
        // What a drill had armed has nothing to undo any more.
        if (to === 'on') await endUndo(options.name, machine);
        process.stdout.write(`${machine}: ${changed ? to : `${to} already`}\n`);
      });
  }
}

/** Started by a drill before it powers a machine off or freezes it, never by hand. */
function addUndoLater(lab: Command): void {
  lab
    .command('undo-later', { hidden: true })
    .argument('<lab>')
    .argument('<machine>')
    .addArgument(new Argument('<power>').choices(['off', 'frozen']))
    .argument('<seconds>', '', seconds)
    .action(async (name: string, machine: string, power: 'off' | 'frozen', after: number) => {
      const { undoLater } = await import('../../lab/undo-later.ts');
      await undoLater({ lab: name, machine, power, seconds: after });
    });
}

function seconds(text: string): number {
  if (!/^\d{1,5}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

function megabytes(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a number of MB, such as 512.');
  return Number(text);
}

function count(text: string): number {
  if (!/^\d$/.test(text)) throw new InvalidArgumentError('It must be a number from 0 to 9.');
  return Number(text);
}

const printProgress: Emit = (event) => {
  if (event.kind === 'warning') process.stderr.write(`warning: ${event.message}\n`);
  if (event.kind !== 'progress') return;
  const usual = event.usualSeconds === undefined ? '' : ` (usually ${event.usualSeconds} s)`;
  process.stderr.write(`${event.task}: ${event.message}${usual}\n`);
};

/** Ctrl-C stops the work where it can be gone on with. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { Failure } = await import('../../model/failure.ts');
  const stop = () => controller.abort(new Failure('INTERRUPTED', 'stopped', { remedy: 'Run the same command again, or trivet lab down' }));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
