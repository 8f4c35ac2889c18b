/** The flags that say which cluster is meant: a file, or sealos's flags in its place. */

import type { Command } from 'commander';
import type { ClusterSpec } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import { problemsFailure, type SpecResult } from '../spec/problem.ts';

export interface ClusterOptions {
  readonly file?: string;
  readonly allowEven?: boolean;
  readonly master?: readonly string[];
  readonly node?: readonly string[];
  readonly lb?: readonly string[];
  readonly scheme?: string;
  readonly user?: string;
  readonly port?: string;
  readonly pk?: string;
  readonly passwd?: string;
  readonly passwdFile?: string;
  readonly passwdEnv?: string;
  readonly askPasswd?: boolean;
  readonly vip?: string;
  readonly version?: string;
  readonly pkg?: string;
  readonly pkgUrl?: string;
  readonly pkgSha256?: string;
  readonly kubeadmConfig?: string;
  readonly interface?: string;
  readonly runtime?: string;
  readonly name?: string;
}

export function addClusterOptions(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  return command
    .option('-f, --file <file>', 'cluster file (default: ./cluster.yaml)')
    .option('--allow-even', 'accept an even number of masters, with a warning that says what is lost')
    .option('--master <address>', 'a master; repeat it, or a,b or a-b (in place of a file)', collect)
    .option('--node <address>', 'a worker; repeat it, or a,b or a-b', collect)
    .option('--lb <address>', 'a balancer machine of the scheme external-pair; repeat it, or a,b or a-b', collect)
    .option(
      '--scheme <kind>',
      'how the endpoint is kept alive: vip-on-masters (the default with --vip), local-care (without), external-pair, external or local-proxy; with /haproxy, /nginx, /lvs, or /nft, /ipvs, /proxy of local-care',
    )
    .option('--user <name>', 'SSH user (root)')
    .option('--port <number>', 'SSH port (22)')
    .option('--pk <file>', 'SSH private key')
    .option('--passwd <password>', 'SSH password; other users of this machine can read it: rather --passwd-file')
    .option('--passwd-file <file>', 'file with the SSH password')
    .option('--passwd-env <variable>', 'environment variable with the SSH password')
    .option('--ask-passwd', 'ask for the SSH password')
    .option(
      '--vip <address>',
      'virtual address of the control plane: one that moves among the masters; or by --scheme your own load balancer’s, or each node’s own (10.103.97.2 if none is given)',
    )
    .option('--version <version>', 'Kubernetes version, for example v1.34.4')
    .option('--pkg <path>', 'offline bundle: directory or tar')
    .option('--pkg-url <url>', 'offline bundle by http; wants --pkg-sha256')
    .option('--pkg-sha256 <digest>', 'SHA-256 of what --pkg-url gives')
    .option('--kubeadm-config <file>', 'kubeadm configuration, merged over what trivet writes')
    .option('--interface <name>', 'network interface of the VIP (found by itself)')
    .option('--runtime <name>', 'container runtime: containerd')
    .option(
      '--name <name>',
      'name of the cluster, with flags (kubernetes); the machines are called master-1, node-1, … in the order of the flags',
    );
}

/** The spec and its warnings; Failure CLUSTER_FILE with every problem otherwise. */
export async function readClusterSpec(options: ClusterOptions, warn: (message: string) => void): Promise<ClusterSpec> {
  const result = await read(options, warn);
  if (result.kind === 'problems') throw problemsFailure(result.problems);
  for (const warning of result.warnings) warn(warning);
  return result.spec;
}

async function read(options: ClusterOptions, warn: (message: string) => void): Promise<SpecResult> {
  const allowEven = options.allowEven ?? false;
  if (options.master === undefined && options.node === undefined) {
    const { readSpec } = await import('../spec/read-spec.ts');
    return readSpec(options.file ?? 'cluster.yaml', { allowEven });
  }
  if (options.file !== undefined) {
    throw new Failure('USAGE', '--file and --master/--node do not go together', {
      remedy: 'name the hosts in the file, or leave the file out; trivet init prints the file that flags stand for',
    });
  }
  const { specFromFlags } = await import('../spec/spec-from-flags.ts');
  const { master = [], node = [], lb = [], file, allowEven: _, passwd, askPasswd, pkgUrl, pkgSha256, pkg, ...rest } = options;
  const passwdEnv = passwd === undefined ? rest.passwdEnv : hidePassword(passwd, warn);
  const bundle = pkg ?? (pkgUrl === undefined ? undefined : await fetched(pkgUrl, pkgSha256));
  return specFromFlags(defined({ ...rest, masters: master, nodes: node, lbs: lb, passwdEnv, passwdPrompt: askPasswd, pkg: bundle }), {
    directory: process.cwd(),
    allowEven,
  });
}

/** Moves a password given on the command line into this process's environment, from where it is read like any other. */
function hidePassword(password: string, warn: (message: string) => void): string {
  warn('--passwd: every user of this machine can read it in the process list while trivet runs; use --passwd-file or --ask-passwd');
  process.env.TRIVET_PASSWD = password;
  return 'TRIVET_PASSWD';
}

async function fetched(url: string, sha256: string | undefined): Promise<string> {
  if (sha256 === undefined) {
    throw new Failure('USAGE', '--pkg-url wants --pkg-sha256', {
      remedy: `on the server: sha256sum ${url.slice(url.lastIndexOf('/') + 1)}`,
    });
  }
  const { fetchBundle } = await import('../bundle/fetch-bundle.ts');
  return fetchBundle(url, sha256);
}

/** Without the keys whose value is undefined: the types tell apart "absent" and "undefined". */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value));
}
