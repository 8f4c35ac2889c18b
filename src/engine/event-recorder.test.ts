/** The log of a run: complete, timed, private, and without secrets. */

import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event } from '../model/event.ts';
import { eventLogFile, recorder } from './event-recorder.ts';

test('recorder writes each event with its time to a file of its owner alone, then tells the listeners', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trivet-log-'));
  try {
    const now = new Date('2026-02-03T04:05:06.789Z');
    const file = eventLogFile({ cluster: 'demo', sequence: 'up', now, environment: { XDG_STATE_HOME: directory } });
    expect(file).toBe(join(directory, 'trivet/logs/demo-up-20260203T040506Z.ndjson'));
    const heard: Event[] = [];
    const { emit, close } = recorder({ file, now: () => now, listeners: [(event) => heard.push(event)] });
    emit({ kind: 'warning', message: 'one' });
    emit({ kind: 'vip', owner: undefined });
    close();
    emit({ kind: 'warning', message: 'after' });
    expect(readFileSync(file, 'utf8')).toBe(
      '{"at":"2026-02-03T04:05:06.789Z","kind":"warning","message":"one"}\n{"at":"2026-02-03T04:05:06.789Z","kind":"vip"}\n',
    );
    expect(heard).toHaveLength(3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'trivet/logs')).mode & 0o777).toBe(0o700);
  } finally {
    await rm(directory, { recursive: true });
  }
});
