/** The files that trivet up would write on one host, without the host where it does not answer. */

import type { Cluster } from '../model/cluster.ts';
import type { Fact, ReadFact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Phase, Sequence } from '../model/phase.ts';
import { reveal } from '../model/secret.ts';
import type { Step } from '../model/step.ts';
import { assumedAnswer, assumption, withoutSecrets } from './assumed-answers.ts';

export interface RenderedFile {
  readonly phase: string;
  readonly path: string;
  /** Four octal digits; undefined for a block in a file that others write too. */
  readonly mode: string | undefined;
  readonly owner: string | undefined;
  /** Name of the block, for a file of which trivet writes only that. */
  readonly block: string | undefined;
  /** Taken away again before the phase ends. */
  readonly temporary: boolean;
  /** With «secret» in place of each secret. */
  readonly content: string;
}

export interface RenderedHost {
  readonly host: string;
  /** What is not known without the machines and was assumed instead; by phase. */
  readonly assumptions: readonly { readonly phase: string; readonly text: string }[];
  readonly files: readonly RenderedFile[];
}

export interface RenderInput {
  readonly sequence: Sequence;
  readonly cluster: Cluster;
  readonly host: Host;
  /** Asks a machine; undefined: none is asked. Where it fails with a Failure, an assumption is made. */
  readonly ask: ReadFact | undefined;
}

/** As on machines on which nothing has been done yet. The same answers give the same files. */
export async function renderHost({ sequence, cluster, host, ask }: RenderInput): Promise<RenderedHost> {
  const files: RenderedFile[] = [];
  const assumptions: { readonly phase: string; readonly text: string }[] = [];
  for (const phase of sequence.stages.flat().filter((candidate) => candidate.hosts(cluster).includes(host))) {
    const { read, assumed } = reader(cluster, host, ask);
    const steps = await phase.plan({ cluster, host, read });
    const removed = new Set(steps.flatMap(({ action }) => (action.kind === 'remove' ? [action.path] : [])));
    const rendered = steps.flatMap((step) => fileOf(phase, step, removed));
    files.push(...rendered);
    if (rendered.length === 0) continue;
    assumptions.push(
      ...[...Map.groupBy(assumed, ({ text }) => text)].map(([text, same]) => ({
        phase: phase.name,
        text: `${[...new Set(same.map(({ about }) => about))].sort().join(', ')}: ${text}`,
      })),
    );
  }
  return { host: host.name, assumptions, files };
}

/** Asks for what the machine is, assumes how far the work has come. */
function reader(cluster: Cluster, rendered: Host, ask: ReadFact | undefined) {
  const [first] = cluster.hosts.filter((host) => host.roles.includes('master'));
  const assumed: { readonly about: string; readonly text: string }[] = [];
  const read = async <T>(host: Host, fact: Fact<T>): Promise<T> => {
    const text = assumption(host, fact.name);
    const answer = text === undefined || ask === undefined ? undefined : await answered(ask, host, fact);
    if (answer !== undefined) return answer.value;
    if (text !== undefined) assumed.push({ about: host.name, text });
    const assumedResult = assumedAnswer(cluster, host, fact.name, rendered !== first);
    if (assumedResult === undefined && fact.instead !== undefined) return fact.instead;
    return fact.parse(assumedResult ?? { code: 1, stdout: '', stderr: '' });
  };
  return { read, assumed };
}

async function answered<T>(ask: ReadFact, host: Host, fact: Fact<T>): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await ask(host, fact) };
  } catch (error) {
    if (error instanceof Failure && error.code !== 'INTERRUPTED' && error.code !== 'INTERNAL') return undefined;
    throw error;
  }
}

function fileOf(phase: Phase, { action }: Step, removed: ReadonlySet<string>): readonly RenderedFile[] {
  if (action.kind === 'block') {
    const { path, name, content } = action;
    return [{ phase: phase.name, path, mode: undefined, owner: undefined, block: name, temporary: false, content }];
  }
  if (action.kind !== 'file') return [];
  const { path, owner } = action;
  const temporary = removed.has(path);
  const text = reveal(action.content);
  // A secret that is made of nothing but what stands in for secrets may be shown around them; any other is hidden whole.
  const content = withoutSecrets(text) ?? (typeof action.content === 'string' ? text : '«secret»\n');
  return [{ phase: phase.name, path, mode: action.mode.toString(8).padStart(4, '0'), owner, block: undefined, temporary, content }];
}
