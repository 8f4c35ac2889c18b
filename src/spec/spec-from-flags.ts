/** The flags of sealos → ClusterSpec, by way of the data of the cluster file they stand for; problems name the flag. */

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { absolutePath } from './cluster-spec.ts';
import { flagProblem, givenByFlag, problemOfFlag } from './flag-problem.ts';
import { type FlagHost, hostAddresses } from './host-addresses.ts';
import type { KubeadmConfigFile } from './kubeadm-config-file.ts';
import type { Problem, SpecResult } from './problem.ts';
import { careAddress } from './scheme-options.ts';
import { schemeOfWord } from './scheme-word.ts';
import type { SpecFlags } from './spec-flags.ts';
import { dockerReason, isDocker } from './unsupported.ts';

export interface FlagOptions {
  /** Absolute; relative paths in flags start here. */
  readonly directory: string;
  /** Accept an even number of masters, with a warning. Default false. */
  readonly allowEven?: boolean;
  /** What ~ stands for; default: the operator's home. */
  readonly home?: string;
}

/** Never throws for what the flags say. */
export async function specFromFlags(flags: SpecFlags, options: FlagOptions): Promise<SpecResult> {
  const context = { directory: resolve(options.directory), home: options.home ?? homedir(), allowEven: options.allowEven ?? false };
  const problems: Problem[] = [...contradictions(flags)];
  const hosts = [
    ...hostsOf('--master', flags.masters, 'master', 'master', problems),
    ...hostsOf('--node', flags.nodes, 'node', 'worker', problems),
    ...hostsOf('--lb', flags.lbs ?? [], 'lb', 'lb', problems),
  ];
  const kubeadm = flags.kubeadmConfig === undefined ? undefined : await readKubeadm(flags.kubeadmConfig, context, problems);
  const { validate } = await import('./validate.ts');
  const { spec, findings, warnings } = validate(clusterData(flags, hosts, kubeadm?.spec), context);
  const unreadableHosts = problems.some((problem) => /^--(master|node|lb) /.test(problem.path));
  for (const finding of findings) {
    // With an address that cannot be read, the number of masters is not known.
    if (unreadableHosts && finding.path.length <= 3 && finding.path[1] === 'hosts') continue;
    const fromFlag = flagProblem(flags, finding, hosts);
    problems.push(givenByFlag(flags, finding.path) ? fromFlag : (kubeadm?.place(finding) ?? fromFlag));
  }
  if (spec !== undefined && problems.length === 0) return { kind: 'ok', spec, warnings };
  return { kind: 'problems', problems };
}

function contradictions(flags: SpecFlags): readonly Problem[] {
  const passwords = [flags.passwdFile && '--passwd-file', flags.passwdEnv && '--passwd-env', flags.passwdPrompt && '--ask-passwd'];
  const given = passwords.filter((flag) => typeof flag === 'string' && flag !== '');
  const found = given.length > 1 ? [problemOfFlag(given.join(' '), 'several sources of one password', 'one of them')] : [];
  if (flags.runtime === undefined || flags.runtime === 'containerd') return found;
  const reason = isDocker(flags.runtime) ? dockerReason : `${JSON.stringify(flags.runtime)} is not supported`;
  return [...found, problemOfFlag('--runtime', reason, isDocker(flags.runtime) ? '' : 'containerd')];
}

interface NamedHost extends FlagHost {
  readonly flag: string;
  readonly name: string;
  readonly role: string;
}

function hostsOf(flag: string, texts: readonly string[], name: string, role: string, problems: Problem[]): readonly NamedHost[] {
  const hosts = texts.flatMap((text) => {
    const addresses = hostAddresses(text);
    if (addresses.kind === 'ok') return addresses.hosts;
    problems.push(problemOfFlag(`${flag} ${addresses.typed}`, addresses.message, addresses.expected));
    return [];
  });
  return hosts.map((host, index) => ({ ...host, flag, name: `${name}-${index + 1}`, role }));
}

async function readKubeadm(
  path: string,
  context: { readonly directory: string; readonly home: string },
  problems: Problem[],
): Promise<KubeadmConfigFile | undefined> {
  const { readKubeadmConfig } = await import('./kubeadm-config-file.ts');
  try {
    const file = readKubeadmConfig(await readFile(absolutePath(path, context), 'utf8'), path);
    problems.push(...file.problems);
    return file;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    problems.push(problemOfFlag('--kubeadm-config', `${path} cannot be read${code}`, 'a file of kubeadm documents'));
    return undefined;
  }
}

/** The cluster file's data that the flags stand for. */
function clusterData(flags: SpecFlags, hosts: readonly NamedHost[], kubeadm: KubeadmConfigFile['spec'] | undefined) {
  return {
    apiVersion: 'trivet.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: flags.name ?? 'kubernetes' },
    spec: {
      kubernetes: { version: flags.version ?? kubeadm?.version, kubeadm: kubeadm?.kubeadm },
      bundle: flags.pkg,
      lab: flags.lab,
      ssh: {
        user: flags.user,
        port: flags.port !== undefined && /^\d+$/.test(flags.port) ? Number(flags.port) : flags.port,
        keyFile: flags.pk,
        knownHosts: flags.knownHosts,
        password: passwordOf(flags),
      },
      controlPlaneEndpoint: { ...kubeadm?.controlPlaneEndpoint, ...(flags.vip === undefined ? {} : { address: flags.vip }) },
      scheme: schemeOf(flags),
      network: kubeadm?.network,
      hosts: hosts.map(({ name, address, role, port }) => ({
        name,
        address,
        roles: [role],
        ssh: port === undefined ? undefined : { port },
      })),
    },
  };
}

/** `local-proxy/nginx` → its kind and proxy. undefined: as the file's default; an interface is one that carries a VIP. */
function schemeOf({ scheme, vip, interface: carrier }: SpecFlags) {
  // As sealos has it: its own address is one that every node keeps for itself.
  if (scheme === undefined && carrier === undefined) return vip === careAddress ? { kind: 'local-care' } : undefined;
  return { ...schemeOfWord(scheme ?? 'vip-on-masters'), ...(carrier === undefined ? {} : { interface: carrier }) };
}

function passwordOf(flags: SpecFlags) {
  if (flags.passwdFile !== undefined) return { file: flags.passwdFile };
  if (flags.passwdEnv !== undefined) return { env: flags.passwdEnv };
  return flags.passwdPrompt ? { prompt: true } : undefined;
}
