/** Reads facts for one phase: each fact of a host once, however many ask for it at the same time. */

import type { Connect, RunResult } from '../model/connection.ts';
import type { Fact, ReadFact } from '../model/fact.ts';
import type { Host } from '../model/host.ts';

export interface GatherInput {
  readonly connect: Connect;
  readonly mode: 'plan' | 'apply';
  readonly signal: AbortSignal;
}

/** In plan mode a fact that makes something is not run: its `instead` is taken. */
export function gatherer({ connect, mode, signal }: GatherInput): ReadFact {
  const results = new Map<string, Promise<RunResult>>();
  const result = <T>(host: Host, fact: Fact<T>): Promise<RunResult> => {
    const key = `${host.name}\0${fact.name}`;
    const known = results.get(key);
    if (known !== undefined) return known;
    const reading = connect(host, signal).then((connection) =>
      connection.run(fact.argv, {
        timeoutSeconds: fact.timeoutSeconds ?? 30,
        signal,
        ...(fact.stdin === undefined ? {} : { stdin: fact.stdin }),
      }),
    );
    results.set(key, reading);
    return reading;
  };
  return async (host, fact) => {
    if (mode === 'plan' && fact.instead !== undefined) return fact.instead;
    return fact.parse(await result(host, fact));
  };
}
