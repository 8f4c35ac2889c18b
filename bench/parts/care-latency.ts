/** One request on a connection of its own, to a master directly and through nft's rules, in turn. */

import { toolPath } from '../../src/lab/run-tool.ts';
import { runLocal } from '../../src/local/run-local.ts';
import { inNetworkOf } from './care-backend.ts';
import { addressOf, allUp, startDaemon } from './care-daemon.ts';
import { type CareLab, careMasters, careNode, plainPort } from './care-lab.ts';
import type { CareResult } from './care-result.ts';
import { onMachine } from './on-machine.ts';

const latencyVip = '10.103.97.3';

/** Prints the medians in microseconds of the two. */
const client = `use IO::Socket::IP; use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC); my ($port, $count, @hosts) = @ARGV; my @times;
for my $i (0 .. 2 * $count - 1) {
  my $way = $i % 2; my $t = clock_gettime(CLOCK_MONOTONIC);
  my $c = IO::Socket::IP->new(PeerHost => $hosts[$way], PeerPort => $port) or die $@;
  syswrite($c, "GET / HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n"); my $n = 0; while (my $got = sysread($c, my $b, 65536)) { $n += $got }
  die "no answer" unless $n; push @{$times[$way]}, 1e6 * (clock_gettime(CLOCK_MONOTONIC) - $t);
}
for my $way (0, 1) { my @sorted = sort { $a <=> $b } @{$times[$way]}; print $sorted[@sorted / 2], "\\n" }`;

export interface LatencyInput {
  readonly rounds: number;
  /** For each of both ways and each round. */
  readonly requests: number;
  readonly signal: AbortSignal;
}

/** No other care runs on the node. */
export async function careLatency(care: CareLab, { rounds, requests, signal }: LatencyInput): Promise<CareResult['latency']> {
  const master = addressOf(care, careMasters[0]);
  const flags = { vs: `${latencyVip}:${plainPort}`, rs: `${master}:${plainPort}`, 'health-schem': 'http', 'ca-file': [] };
  const daemon = await startDaemon(care, { dataplane: 'nft', flags });
  try {
    await daemon.until('UP', 20, allUp);
    const results: CareResult['latency'] = [];
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      const ask = ['perl', '-e', client, `${plainPort}`, `${requests}`, master, latencyVip];
      const argv = [...inNetworkOf(care.lab.name, careNode), ...ask];
      const { code, stdout, stderr } = await runLocal(argv, { timeoutSeconds: 300, env: { PATH: toolPath() } });
      const [directUs = Number.NaN, nftUs = Number.NaN] = stdout.trim().split('\n').map(Number);
      if (code !== 0) throw new Error(`the requests failed: ${stderr}`);
      results.push({ requests, directUs, nftUs });
    }
    return results;
  } finally {
    await daemon.stop();
    await onMachine(care.lab, careNode, `trivet care --clean --vs ${latencyVip}:${plainPort}`);
  }
}
