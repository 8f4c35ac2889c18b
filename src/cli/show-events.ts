/**
 * Shows a run's events to a person: a live list on a terminal, plain lines elsewhere. An own renderer and not listr2, because
 * listr2 runs the tasks that it shows, and here the tasks run elsewhere and only their events arrive.
 */

import { stripVTControlCharacters, styleText } from 'node:util';
import type { Event } from '../model/event.ts';
import { liveRegion, type TerminalStream } from './live-region.ts';
import { plainLines } from './plain-lines.ts';
import { runView, type Tone, type ViewLine } from './run-view.ts';

export interface ShowEventsInput {
  readonly stream: TerminalStream;
  readonly tty: boolean;
  readonly verbose: boolean;
  /** Default: what NO_COLOR says. */
  readonly colours?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface EventScreen {
  readonly listen: (event: Event) => void;
  /** Takes the live lines away until the next event, so that something else can be written: a question, a plan. */
  readonly pause: () => void;
  /** Ends the live list; the cursor is back. Later events are not shown. */
  readonly close: () => void;
}

const frameMilliseconds = 100;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export function showEvents(input: ShowEventsInput): EventScreen {
  return input.tty ? showLive(input) : showPlain(input);
}

function showPlain({ stream, verbose }: ShowEventsInput): EventScreen {
  const linesOf = plainLines({ verbose });
  let open = true;
  return {
    listen: (event) => {
      if (open) for (const line of linesOf(event)) stream.write(`${line}\n`);
    },
    pause: () => undefined,
    close: () => {
      open = false;
    },
  };
}

function showLive({ stream, verbose, colours = process.env.NO_COLOR === undefined, now = Date.now }: ShowEventsInput): EventScreen {
  const view = runView({ verbose });
  const region = liveRegion(stream, (line) => [...stripVTControlCharacters(line)].length);
  const size = () => ({ columns: stream.columns ?? 80, rows: Math.max(2, (stream.rows ?? 24) - 1) });
  const start = now();
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  const draw = (above: readonly ViewLine[]) => {
    const { columns, rows } = size();
    const frame = spinner[Math.floor((now() - start) / frameMilliseconds) % spinner.length] ?? '';
    const live = view.alive(now(), rows);
    const text = (line: ViewLine) => lineText(line, { columns, colours, mark: line.tone === 'busy' ? frame : marks[line.tone] });
    region.draw(above.map(text), live.map(text));
    if (live.length === 0) stop();
    else timer ??= setInterval(() => draw([]), frameMilliseconds).unref();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const close = () => {
    open = false;
    stop();
    region.clear();
    forget();
  };
  const forget = onEnd(close);
  return {
    listen: (event) => {
      if (open) draw(view.take(event));
    },
    pause: () => {
      stop();
      region.clear();
    },
    close,
  };
}

/** Gives the cursor back however the process ends. A signal that somebody else handles is theirs. */
function onEnd(close: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    close();
    process.kill(process.pid, signal);
  };
  process.once('exit', close);
  // First in the row: handlers that are taken off when they run are still counted then.
  for (const signal of signals) process.prependListener(signal, onSignal);
  return () => {
    process.removeListener('exit', close);
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}

const marks: Readonly<Record<Tone, string>> = { busy: '⠿', good: '✔', bad: '✖', warning: '!', quiet: ' ' };
const colourOf = { busy: 'cyan', good: 'green', bad: 'red', warning: 'yellow', quiet: 'gray' } as const;

/** One line, narrower than the terminal: the tail is shortened first, then the text. What failed is never cut: such lines stay. */
export function lineText(
  line: ViewLine,
  { columns, colours, mark }: { readonly columns: number; readonly colours: boolean; readonly mark: string },
): string {
  const colour = (name: Parameters<typeof styleText>[0], text: string) =>
    colours ? styleText(name, text, { validateStream: false }) : text;
  const indent = '  '.repeat(line.depth);
  const room = columns - 1 - indent.length - mark.length - 1;
  const characters = [...stripVTControlCharacters(line.text).replaceAll(/[\r\n\t]+/g, ' ')];
  const fits = characters.length + 2 + line.tail.length <= room;
  const tail = fits ? line.tail : line.tail.replace(/, usually.*/, '');
  const text = line.tone === 'bad' ? characters.join('') : cut(characters, tail === '' ? room : room - 2 - tail.length);
  return `${indent}${colour(colourOf[line.tone], mark)} ${line.tone === 'quiet' ? colour('gray', text) : text}${tail === '' ? '' : `  ${colour('gray', tail)}`}`;
}

function cut(characters: readonly string[], room: number): string {
  return characters.length <= room ? characters.join('') : `${characters.slice(0, Math.max(0, room - 1)).join('')}…`;
}
