import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Address, addressText, parseAddress } from './address.ts';
import { stateFile } from './state-file.ts';

const root = mkdtempSync(join(tmpdir(), 'trivet-state-'));
afterAll(() => rmSync(root, { recursive: true }));

let directory = '';
let runs = 0;
beforeEach(() => {
  runs += 1;
  directory = join(root, String(runs));
});

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const service = address('10.103.97.2:6443');
const members = ['10.0.0.2:6443', '10.0.0.1:6443', '[fd00::1]:6443'].map(address);

function open(changes: { directory?: string; service?: Address } = {}) {
  const lines: string[] = [];
  const file = stateFile({
    directory,
    service,
    log: (level, message) => void lines.push(`${level} ${message}`),
    now: () => Date.UTC(2026, 10, 21),
    ...changes,
  });
  return { ...file, lines };
}

/** What is believed of a file with this content. */
async function readOf(text: string) {
  const file = open();
  mkdirSync(directory, { recursive: true });
  writeFileSync(file.path, text);
  return { saved: await file.read(), ...file };
}

describe('stateFile', () => {
  it('remembers members over a restart, in a file for root alone', async () => {
    await open().write(members);
    const again = open();
    expect((await again.read())?.members.map(addressText)).toEqual(['10.0.0.1:6443', '10.0.0.2:6443', '[fd00::1]:6443']);
    expect(statSync(again.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['members-10.103.97.2-6443.json']);
    expect(again.lines).toEqual([]);
  });

  it('is silent when there is none', async () => {
    const file = open();
    expect(await file.read()).toBeUndefined();
    expect(file.lines).toEqual([]);
  });

  it('writes only what changed, after a restart too, and never an empty list', async () => {
    const file = open();
    await file.write(members);
    rmSync(file.path);
    await file.write(members.toReversed());
    await file.write([]);
    expect(existsSync(file.path)).toBe(false);
    await file.write(members.slice(1));
    expect(existsSync(file.path)).toBe(true);
    const again = open();
    await again.read();
    rmSync(again.path);
    await again.write(members.slice(1));
    expect(existsSync(again.path)).toBe(false);
  });

  it.each([
    ['cut short', '{"kind":"trivet-care-members","ver', 'it is not JSON'],
    ['empty', '', 'it is not JSON'],
    ['another program’s', '{"kind":"other"}', 'it is no list of members that this version wrote'],
    ['a later version’s', '{"kind":"trivet-care-members","version":2}', 'it is no list of members that this version wrote'],
    ['without members', content({ members: [] }), 'it names no members'],
    ['with a host name', content({ members: ['evil.example:6443'] }), 'one of its members is no address'],
    ['without a time', content({ savedAt: 'then' }), 'its time is none'],
    ['another virtual server’s', content({ service: '10.103.97.3:6443' }), 'it belongs to another virtual server than 10.103.97.2:6443'],
  ])('moves aside and ignores a file that is %s, once and kept', async (_name, text, why) => {
    const { saved, lines, path } = await readOf(text);
    expect(saved).toBeUndefined();
    expect(lines).toEqual([`warn the remembered members in ${path} are not used: ${why}`]);
    const [kept, ...others] = readdirSync(directory);
    expect(others).toEqual([]);
    expect(readFileSync(join(directory, String(kept)), 'utf8')).toBe(text);
  });

  it('a directory where the file should be is moved aside, and the next list is remembered', async () => {
    const file = open();
    mkdirSync(file.path, { recursive: true });
    expect(await file.read()).toBeUndefined();
    await file.write(members);
    expect((await open().read())?.members).toHaveLength(3);
  });

  it('does not write through a link that was laid at its temporary name', async () => {
    const file = open();
    mkdirSync(directory);
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${file.path}.new`);
    await file.write(members);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect((await open().read())?.members).toHaveLength(3);
  });

  it('a disk that takes nothing: told once, tried again, no error', async () => {
    const blocked = join(root, `${runs}-file`);
    writeFileSync(blocked, '');
    const file = open({ directory: blocked });
    await file.write(members);
    await file.write(members);
    expect(file.lines).toEqual([expect.stringMatching(/^warn the members cannot be remembered in .*: E/)]);
    rmSync(blocked);
    await file.write(members);
    expect(existsSync(file.path)).toBe(true);
  });

  it('keeps the files of two virtual servers apart', async () => {
    const other = address('[fd00::2]:6443');
    await open().write(members);
    await open({ service: other }).write(members.slice(0, 1));
    expect((await open().read())?.members).toHaveLength(3);
    expect((await open({ service: other }).read())?.members).toHaveLength(1);
  });

  it('whatever is on the disk: no error, and never an empty list', async () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => content({ members: value })),
      fc.array(fc.string()).map((value) => content({ members: value })),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        rmSync(directory, { recursive: true, force: true });
        const { saved } = await readOf(text);
        if (saved !== undefined) expect(saved.members.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

function content(changes: object): string {
  return JSON.stringify({
    kind: 'trivet-care-members',
    version: 1,
    service: '10.103.97.2:6443',
    savedAt: '2026-11-21T00:00:00.000Z',
    members: ['10.0.0.1:6443'],
    ...changes,
  });
}
