/** The live list on a terminal, and the plain lines elsewhere, from simulated events. */

import { describe, expect, test } from 'vitest';
import type { EventBody } from '../model/event.ts';
import { lineText, showEvents } from './show-events.ts';

const esc = '\u001B';
const token = new RegExp(`${esc}\\[[?\\d]*[A-Za-z]|\\r|\\n|[^${esc}\\r\\n]+`, 'g');

/** What a terminal shows after the sequences that the live list uses; anything else in them fails the test. */
function terminal(columns: number, rows = 24) {
  const lines: string[] = [''];
  const at = { row: 0, column: 0 };
  let cursorShown = true;
  let writes = 0;
  const take = (part: string) => {
    const line = lines[at.row] ?? '';
    if (part === '\r') at.column = 0;
    else if (part === '\n') {
      at.row += 1;
      at.column = 0;
      lines[at.row] ??= '';
    } else if (!part.startsWith(esc)) {
      lines[at.row] = line.slice(0, at.column) + part + line.slice(at.column + part.length);
      at.column += part.length;
      expect(at.column).toBeLessThan(columns);
    } else sequence(part.slice(2), line);
  };
  const sequence = (code: string, line: string) => {
    if (code === '?25l') cursorShown = false;
    else if (code === '?25h') cursorShown = true;
    else if (code === 'K') lines[at.row] = line.slice(0, at.column);
    else if (/^\d+A$/.test(code)) at.row -= Number(code.slice(0, -1));
    else if (code !== '?2026h' && code !== '?2026l') throw new Error(`unknown sequence ${code}`);
  };
  return {
    columns,
    rows,
    write: (text: string) => {
      writes += 1;
      for (const part of text.match(token) ?? []) take(part);
    },
    screen: () => lines.slice(0, at.row).join('\n'),
    cursorShown: () => cursorShown,
    writes: () => writes,
  };
}

function simulate(columns: number, options: { rows?: number; verbose?: boolean } = {}) {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const stream = terminal(columns, options.rows);
  const screen = showEvents({ stream, tty: true, verbose: options.verbose ?? false, colours: false, now: () => now });
  const send = (event: EventBody, seconds = 0) => {
    now += seconds * 1000;
    screen.listen({ at: new Date(now).toISOString(), ...event });
  };
  return { stream, screen, send };
}

const phase = (state: 'started' | 'finished' | 'failed', more: Partial<Extract<EventBody, { kind: 'phase' }>> = {}) =>
  ({ kind: 'phase', state, phase: 'runtime', summary: 'install containerd', hosts: ['m1', 'm2'], usualSeconds: 20, ...more }) as const;
const step = (host: string, state: 'started' | 'changed' | 'failed' | 'unchanged', title = 'install packages') =>
  ({ kind: 'step', state, phase: 'runtime', host, step: `runtime/${title}`, title }) as const;

describe('showEvents on a terminal', () => {
  test('shows the phases at work with their hosts, and leaves a line for each that did something', () => {
    const { stream, screen, send } = simulate(80);
    send(phase('started'));
    send(step('m2', 'started'), 1);
    send(step('m1', 'started'), 2);
    expect(stream.screen().replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '*')).toBe(
      [
        '* runtime            install containerd  3 s, usually ~20 s',
        '    m1  install packages  0.0 s',
        '    m2  install packages  2 s',
      ].join('\n'),
    );
    expect(stream.cursorShown()).toBe(false);
    send(step('m1', 'changed'), 1);
    send(step('m2', 'changed'), 1);
    send(phase('finished', { seconds: 5 }));
    expect(stream.screen()).toBe('✔ runtime            install containerd  2 changes, 5 s');
    expect(stream.cursorShown()).toBe(true);
    screen.close();
  });

  test('a phase with nothing to do leaves no line, verbose ones do', () => {
    for (const verbose of [false, true]) {
      const { stream, screen, send } = simulate(80, { verbose });
      send(phase('started'));
      send(step('m1', 'unchanged'));
      send(phase('finished', { seconds: 0.2 }));
      expect(stream.screen()).toBe(verbose ? '✔ runtime            install containerd  0.2 s' : '');
      screen.close();
    }
  });

  test('stays within a narrow and low terminal, and a failure is told in full', () => {
    const { stream, screen, send } = simulate(40, { rows: 4 });
    send(phase('started', { hosts: Array.from({ length: 9 }, (_, index) => `m${index + 1}`) }));
    for (let index = 1; index <= 9; index += 1) send(step(`m${index}`, 'started', 'a title that is much too long for this'));
    const lines = stream.screen().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^. runtime {12}install cont… {2}0 s$/);
    expect(lines[2]).toBe('    and 8 more');
    screen.close();
    expect(stream.screen()).toBe('');
    const line = { tone: 'bad', depth: 1, text: `m1  ${'long '.repeat(20)}`, tail: '' } as const;
    expect(lineText(line, { columns: 40, colours: false, mark: '✖' })).toContain('long '.repeat(20));
  });

  test('close and pause take the live lines away and give the cursor back', () => {
    const { stream, screen, send } = simulate(80);
    send(phase('started'));
    screen.pause();
    expect([stream.screen(), stream.cursorShown()]).toEqual(['', true]);
    send(step('m1', 'started'));
    expect(stream.cursorShown()).toBe(false);
    screen.close();
    expect([stream.screen(), stream.cursorShown()]).toEqual(['', true]);
    send(step('m1', 'changed'));
    expect(stream.screen()).toBe('');
  });

  test('writes nothing when nothing to be seen has changed', () => {
    const { stream, screen, send } = simulate(80);
    send({ kind: 'vip', owner: 'm1' });
    const writes = stream.writes();
    send({ kind: 'probe', probe: 'livez', from: 'w1', startedMs: 0, endedMs: 1, ok: true });
    expect(stream.writes()).toBe(writes);
    screen.close();
  });
});

describe('showEvents elsewhere', () => {
  const plain = (verbose: boolean) => {
    let text = '';
    const screen = showEvents({ stream: { write: (more) => (text += more) }, tty: false, verbose });
    return { text: () => text, send: (event: EventBody) => screen.listen({ at: '2026-01-01T10:20:30.000Z', ...event }) };
  };

  test('one line for a phase at work, its end, and each changed step; control characters never', () => {
    const { text, send } = plain(false);
    send(phase('started'));
    send(step('m1', 'started'));
    send({ ...step('m1', 'changed'), seconds: 4 });
    send({ ...step('m2', 'failed'), message: 'broken' });
    send(phase('failed', { seconds: 5 }));
    expect(text().split('\n')).toEqual([
      '10:20:30 runtime: install containerd, on m1, m2 (usually ~20 s)',
      '10:20:30   m1: install packages (4 s)',
      '10:20:30   m2: install packages: FAILED: broken',
      '10:20:30 runtime: failed, 1 change, 5 s',
      '',
    ]);
    expect(text()).not.toContain('\u001B');
  });

  test('a phase with nothing to do is told only when verbose', () => {
    for (const verbose of [false, true]) {
      const { text, send } = plain(verbose);
      send(phase('started'));
      send(phase('finished', { seconds: 0.1 }));
      expect(text() === '').toBe(!verbose);
    }
  });
});
