/** Small servers and clients inside the lab's machines: a name to answer with, connections that stay open and tell how they end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { requireLab, requireMachine } from '../../../src/lab/lab-file.ts';
import { labSshCommand } from '../../../src/lab/lab-ssh.ts';
import { enterLab } from '../../../src/lab/run-in-lab.ts';
import { toolPath } from '../../../src/lab/run-tool.ts';
import { quote } from '../../../src/model/quote.ts';
import { onMachine, outputOf } from '../on-lab.ts';

/** HTTP/1.1 on all addresses, IPv4 and IPv6: answers with its name and the client's address; connections stay open. */
const server = `use IO::Socket::IP; my ($host, $port, $name) = @ARGV; $SIG{CHLD} = 'IGNORE';
my $s = IO::Socket::IP->new(LocalHost => $host, LocalPort => $port, Listen => 200, ReuseAddr => 1, ($host eq '::' ? (V6Only => 0) : ())) or die $@;
while (my $c = $s->accept) {
  next if fork;
  close $s;
  while (1) {
    my $asked = 0;
    while (<$c>) { $asked = 1; last if /^\\r?$/ }
    exit unless $asked;
    my $b = "$name " . $c->peerhost . "\\n";
    print $c "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($b) . "\\r\\n\\r\\n$b";
    $c->flush;
  }
}`;

/** Opens some connections, asks once on each and prints the answer, then prints how and when each ends. */
const client = `const [host, port, count] = process.argv.slice(1);
for (let i = 0; i < Number(count); i++) {
  const socket = require('node:net').connect({ host, port: Number(port) });
  socket.setEncoding('utf8').write('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
  socket.once('data', (text) => console.log('answer ' + text.split('\\n').at(-2)));
  socket.on('error', (error) => console.log('end ' + error.code));
  socket.on('end', () => console.log('end FIN'));
}`;

/** As a unit of systemd's, so that it can be stopped: NAME.service. `within`: a network namespace of the machine. */
export async function startServer(
  lab: string,
  machine: string,
  unit: string,
  host: string,
  port: number,
  name: string,
  within?: string,
): Promise<void> {
  const enter = within === undefined ? [] : ['ip', 'netns', 'exec', within];
  await outputOf(
    lab,
    machine,
    quote(['systemd-run', `--unit=${unit}`, '--collect', ...enter, 'perl', '-e', server, host, `${port}`, name]),
  );
  const listening = `for i in $(seq 200); do ${quote([...enter, 'ss', '-Hltn', `sport = ${port}`])} | grep -q . && exit 0; sleep 0.05; done; exit 1`;
  await outputOf(lab, machine, listening);
}

/** New connections, one after another; each one's answer `NAME CLIENT`, or curl's exit status. `within`: a network namespace of the machine. */
export async function askNew(lab: string, machine: string, url: string, times: number, within?: string): Promise<readonly string[]> {
  const enter = within === undefined ? '' : `ip netns exec ${within} `;
  const command = `for i in $(seq ${times}); do ${enter}curl -gsS -m 3 ${quote([url])} 2> /dev/null || echo "curl $?"; done`;
  return (await onMachine(lab, machine, command)).stdout.trim().split('\n');
}

export interface HeldConnections {
  /** What each was answered. */
  readonly answers: readonly string[];
  /** How they ended so far: ECONNABORTED, ECONNRESET, FIN. */
  readonly ends: () => readonly string[];
  /** Resolves when so many have ended. */
  readonly ended: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function holdConnections(
  lab: string,
  machine: string,
  { host, port, count, within }: { readonly host: string; readonly port: number; readonly count: number; readonly within?: string },
): Promise<HeldConnections> {
  const enter = within === undefined ? [] : ['ip', 'netns', 'exec', within];
  const command = quote([...enter, 'node', '-e', client, host, `${port}`, `${count}`]);
  const found = requireMachine(await requireLab(lab), machine);
  const [program = '', ...rest] = enterLab(lab, labSshCommand(lab, found, [command]));
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PATH: toolPath() } });
  const answers: string[] = [];
  const ends: string[] = [];
  let wake: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [kind, ...words] = line.trim().split(' ');
    (kind === 'answer' ? answers : ends).push(words.join(' '));
    wake();
  });
  const waitFor = async (holds: () => boolean) => {
    while (!holds() && child.exitCode === null)
      await new Promise<void>((resolve) => {
        wake = resolve;
        child.once('close', () => resolve());
      });
  };
  await waitFor(() => answers.length + ends.length >= count);
  return { answers, ends: () => ends, ended: (wanted) => waitFor(() => ends.length >= wanted), close: () => endOf(child) };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill();
  await closed;
}
