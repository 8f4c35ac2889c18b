/** Bytes per second from a master to the node: directly, through care's proxy, and through haproxy on the same machine. */

import { spawn } from 'node:child_process';
import { toolPath } from '../../src/lab/run-tool.ts';
import { runLocal } from '../../src/local/run-local.ts';
import { inNetworkOf } from './care-backend.ts';
import { addressOf, allUp, startDaemon } from './care-daemon.ts';
import { type CareLab, careMasters, careNode } from './care-lab.ts';
import type { CareResult } from './care-result.ts';
import { onMachine } from './on-machine.ts';

const port = 9000;
const proxyVip = '10.103.97.3';
const haproxyPort = 9001;
const seconds = 4;

/** Sends zeros to whoever connects, as fast as they are taken. */
const sender = `use IO::Socket::IP; my ($host, $port) = @ARGV; $SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
my $s = IO::Socket::IP->new(LocalHost => $host, LocalPort => $port, Listen => 100, ReuseAddr => 1) or die $@;
print "ready\\n"; $| = 1; close STDOUT;
if (my $pid = fork) { sysread(STDIN, my $end, 1); kill 'KILL', $pid; exit }
my $zeros = "\\0" x 262144;
while (my $c = $s->accept) { next if fork; 1 while syswrite($c, $zeros); exit }`;

/** Takes for so many seconds on so many connections; prints bytes per second. */
const taker = `use IO::Socket::IP; use Time::HiRes 'time'; my ($host, $port, $count, $seconds) = @ARGV; my @pipes;
for (1 .. $count) {
  pipe(my $out, my $in); push @pipes, $out; next if fork;
  my $c = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port) or die $@;
  my ($n, $t) = (0, time);
  while (time - $t < $seconds) { my $got = sysread($c, my $b, 1048576) or last; $n += $got }
  syswrite($in, $n / (time - $t)); exit
}
my $sum = 0; for (@pipes) { sysread($_, my $b, 100); $sum += $b } print "$sum\\n"`;

const haproxyFile = `global
  maxconn 2000
defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
listen throughput
  bind 127.0.0.1:${haproxyPort}
  server m1 MASTER:${port} check
`;

export interface StreamsInput {
  readonly rounds: number;
  readonly connections: readonly number[];
  readonly signal: AbortSignal;
}

/** In turn, so that whatever else the box does meets all of them. No other care runs on the node. */
export async function careStreams(
  care: CareLab,
  { rounds, connections, signal }: StreamsInput,
): Promise<Pick<CareResult, 'throughput' | 'haproxy'>> {
  const master = addressOf(care, careMasters[0]);
  const source = await startSender(care, master);
  const daemon = await startDaemon(care, {
    dataplane: 'proxy',
    flags: { vs: `${proxyVip}:${port}`, rs: `${master}:${port}`, 'health-schem': 'tcp', 'ca-file': [] },
  });
  try {
    await daemon.until('UP', 20, allUp);
    const config = haproxyFile.replace('MASTER', master);
    await onMachine(care.lab, careNode, 'cat > /etc/care-lab/haproxy.cfg', config);
    await onMachine(
      care.lab,
      careNode,
      'systemd-run --quiet --collect --unit=bench-haproxy haproxy -db -f /etc/care-lab/haproxy.cfg; sleep 1',
    );
    const version = (await onMachine(care.lab, careNode, 'haproxy -v | head -1')).trim();
    const ways = [
      { through: 'direct', host: master, at: port },
      { through: 'care', host: proxyVip, at: port },
      { through: 'haproxy', host: '127.0.0.1', at: haproxyPort },
    ] as const;
    const throughput: CareResult['throughput'] = [];
    for (let round = 0; round < rounds; round++) {
      for (const count of connections) {
        for (const { through, host, at } of ways) {
          signal.throwIfAborted();
          throughput.push({ through, connections: count, bytesPerSecond: await take(care, host, at, count) });
        }
      }
    }
    return { throughput, haproxy: version };
  } finally {
    await onMachine(care.lab, careNode, 'systemctl stop bench-haproxy 2> /dev/null; true');
    await daemon.stop();
    await onMachine(care.lab, careNode, `trivet care --clean --vs ${proxyVip}:${port}`);
    await source.close();
  }
}

async function startSender({ lab }: CareLab, master: string): Promise<{ readonly close: () => Promise<void> }> {
  const [program = '', ...rest] = [...inNetworkOf(lab.name, careMasters[0]), 'perl', '-e', sender, master, `${port}`];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PATH: toolPath() } });
  const closed = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), closed]);
  return {
    close: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

async function take({ lab }: CareLab, host: string, at: number, count: number): Promise<number> {
  const argv = [...inNetworkOf(lab.name, careNode), 'perl', '-e', taker, host, `${at}`, `${count}`, `${seconds}`];
  const { code, stdout, stderr } = await runLocal(argv, { timeoutSeconds: seconds + 30, env: { PATH: toolPath() } });
  const rate = Number(stdout.trim());
  if (code !== 0 || !(rate > 0)) throw new Error(`nothing came from ${host}:${at}: ${stderr}`);
  return rate;
}
