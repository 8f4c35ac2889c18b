/** argv, environment and file → what `trivet care` is asked to do. */

import { readFileSync } from 'node:fs';
import type { CareSettings } from '../../care/settings.ts';
import { Failure } from '../../model/failure.ts';
import { careSettings } from './care-settings.ts';
import { flags } from './flags.ts';
import { combine, type Given, givenByArguments, givenByEnvironment, givenByFile } from './given.ts';
import { parseBoolean } from './go-values.ts';

export type CareRequest =
  | { readonly kind: 'help' }
  | { readonly kind: 'guard' | 'run-once' | 'clean'; readonly settings: CareSettings }
  | {
      readonly kind: 'print-unit' | 'print-static-pod';
      readonly settings: CareSettings;
      /** The flags that mean the same, wherever they came from, each as one word: --vs=IP:PORT. */
      readonly arguments: readonly string[];
    };

const actions = ['print-unit', 'print-static-pod', 'clean', 'run-once'] as const;

interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of --config. */
  readonly readText?: (path: string) => string;
}

/** USAGE with everything that is wrong. */
export function careRequest(args: readonly string[], { environment, readText = readFile }: Surroundings): CareRequest {
  const byArguments = givenByArguments(args);
  if (byArguments.values.has('help')) return { kind: 'help' };
  const given = withFile(combine(byArguments, givenByEnvironment(environment)), readText);
  const asked = actions.filter((action) => parseBoolean(given.values.get(action)?.at(-1) ?? 'false') ?? true);
  const settings = careSettings(given, !asked.includes('clean'));
  // Printing wins, as it changes nothing; then cleaning, as lvscare has it.
  const [action = 'guard'] = asked;
  if (action === 'print-unit' || action === 'print-static-pod') return { kind: action, settings, arguments: argumentsOf(given) };
  return { kind: action, settings };
}

function withFile(given: Given, readText: (path: string) => string): Given {
  const path = given.values.get('config')?.at(-1);
  if (path === undefined) return given;
  try {
    return combine(given, givenByFile(path, readText(path)));
  } catch (error) {
    throw new Failure(
      'USAGE',
      `${given.label('config')}: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        remedy: 'correct the path; trivet care --help shows what the file holds',
        cause: error,
      },
    );
  }
}

function readFile(path: string): string {
  return readFileSync(path, 'utf8');
}

function argumentsOf({ values }: Given): readonly string[] {
  return flags
    .filter(({ name }) => !['config', 'help', ...actions].includes(name))
    .flatMap(({ name }) => (values.get(name) ?? []).map((value) => `--${name}=${value}`));
}
