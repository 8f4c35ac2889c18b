/** The programs of a bundle, compiled from Go modules: Kubernetes with etcd, CoreDNS, pause, and the test application. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../local/package-root.ts';
import { runLocal } from '../local/run-local.ts';
import { Failure } from '../model/failure.ts';
import { cachedPart, type Part } from './cached-part.ts';
import { type Maker, make } from './maker.ts';
import type { Versions } from './versions.ts';

const modules = join(packageRoot(), 'src', 'bundle', 'modules');

/** The machine's own variables must not change what is built. GOFLAGS: a module may lie in a checkout that git distrusts. */
const environment = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off', GOTOOLCHAIN: 'local', GOOS: 'linux', GOARCH: undefined };

export interface Programs {
  /** kube: every component of Kubernetes and etcd, chosen by the name it is called by. */
  readonly kubernetes: Part;
  readonly coredns: Part;
  readonly pause: Part;
  readonly hello: Part;
}

/** One after another: the compiler uses every core by itself. */
export async function goPrograms(maker: Maker, compiler: string, versions: Versions): Promise<Programs> {
  return {
    pause: await own(maker, compiler, 'pause', 2),
    hello: await own(maker, compiler, 'hello', 10),
    coredns: await coredns(maker, compiler, versions.coredns),
    kubernetes: await kubernetes(maker, compiler, versions),
  };
}

/** `go1.26.8 linux/amd64`; TOOL_MISSING when there is none, or one that cannot build Kubernetes 1.34. */
export async function goVersion({ signal }: Maker): Promise<string> {
  const remedy = 'start trivet by ./trivet, which installs Go, or install Go 1.24 or later and put it on PATH';
  const result = await runLocal(['go', 'version'], { env: environment, ...(signal && { signal }) }).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.code !== 'TOOL_MISSING') throw error;
    throw new Failure('TOOL_MISSING', 'go is not installed on this machine, and bundles are built with it', { remedy, cause: error });
  });
  const version = /go(\d+)\.(\d+)\S* \S+/.exec(result.stdout);
  if (version === null) throw new Failure('TOOL_MISSING', `go version says ${result.stdout.trim()}`, { remedy });
  const [text, major, minor] = version;
  if (Number(major) > 1 || Number(minor) >= 24) return text;
  throw new Failure('TOOL_MISSING', `${text} is too old: Kubernetes 1.34 needs Go 1.24`, { remedy });
}

function kubernetes(maker: Maker, compiler: string, { kubernetes: version }: Versions): Promise<Part> {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const base = 'k8s.io/component-base/version';
  const flags = [
    ...['-tags', 'providerless', '-ldflags'],
    [
      '-s -w',
      ...[`${base}.gitVersion=${version}`, `${base}.gitMajor=${major}`, `${base}.gitMinor=${minor}`, `${base}.gitTreeState=clean`],
      `k8s.io/client-go/pkg/version.gitVersion=${version}`,
    ].join(' -X '),
  ];
  return compile(maker, { compiler, name: 'kube', module: 'kubernetes', flags, usualSeconds: 8 * 60 });
}

function own(maker: Maker, compiler: string, name: string, usualSeconds: number): Promise<Part> {
  return compile(maker, { compiler, name, module: name, flags: ['-ldflags', '-s -w'], usualSeconds });
}

interface Compilation {
  readonly compiler: string;
  readonly name: string;
  readonly module: string;
  readonly flags: readonly string[];
  readonly usualSeconds: number;
}

async function compile(maker: Maker, { compiler, name, module, flags, usualSeconds }: Compilation): Promise<Part> {
  const cwd = join(modules, module);
  const files = (await readdir(cwd)).filter((file) => /\.(go|mod|sum)$/.test(file)).sort();
  const sources = await Promise.all(files.map((file) => readFile(join(cwd, file), 'utf8')));
  return cachedPart(maker.parts, name, [compiler, files, sources, flags], (directory) =>
    go(maker, { name, cwd, usualSeconds, argv: ['build', '-v', '-trimpath', ...flags, '-o', join(directory, name), '.'] }),
  );
}

function coredns(maker: Maker, compiler: string, version: string): Promise<Part> {
  const argv = ['install', '-v', '-trimpath', '-ldflags', '-s -w', `github.com/coredns/coredns@${version}`];
  return cachedPart(maker.parts, 'coredns', [compiler, argv], (directory) =>
    go(maker, { name: 'CoreDNS', cwd: directory, usualSeconds: 4 * 60, argv, env: { GOBIN: directory } }),
  );
}

interface GoCommand {
  readonly name: string;
  readonly cwd: string;
  readonly usualSeconds: number;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function go(maker: Maker, { name, cwd, usualSeconds, argv, env }: GoCommand): Promise<void> {
  const task = 'bundle';
  maker.emit({ kind: 'progress', task, message: `compiling ${name} (what the compiler has done before is not done again)`, usualSeconds });
  let packages = 0;
  const alive = setInterval(
    () => maker.emit({ kind: 'progress', task, message: `compiling ${name}: ${packages} packages so far`, usualSeconds }),
    15_000,
  );
  try {
    await make(maker, ['go', ...argv], {
      cwd,
      env: { ...environment, ...env },
      onLine: () => {
        packages += 1;
      },
      remedy: 'see the log; if a download failed, run the same command again: it goes on where it stopped',
    });
  } finally {
    clearInterval(alive);
  }
}
