import { afterEach, expect, test } from 'vitest';
import { type NftSession, openNftSession } from './nft-session.ts';

/** Stands in for `nft -j -i`: a listing for `list`, a complaint for `bad`, its death for `die`. */
const staying = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'die') process.exit(3);
  if (line.startsWith('describe')) console.log('payload expression, datatype ipv4_addr');
  else if (line.startsWith('list')) console.log(JSON.stringify({ pid: process.pid, line }));
  else if (line.startsWith('bad')) console.error('Error: ' + line);
});`;
const single = `let text = ''; process.stdin.on('data', (part) => { text += part; }).on('end', () => {
  if (text.startsWith('bad')) { console.error('Error: ' + text); process.exit(1); }
  if (text.startsWith('list')) console.log(JSON.stringify({ single: true }));
});`;

let session: NftSession;
let fellBack: string[];

function open(program: string, timeoutMs = 5000): void {
  fellBack = [];
  session = openNftSession({
    interactive: [process.execPath, '-e', program],
    single: [process.execPath, '-e', single],
    timeoutMs,
    fellBack: (why) => fellBack.push(why),
  });
}

afterEach(() => session.close());

test('ask: listings and complaints of its own lines, by one process for all', async () => {
  open(staying);
  const first = await session.ask('list a', 'add', 'list b');
  expect(first.listings).toMatchObject([{ line: 'list a' }, { line: 'list b' }]);
  expect(await session.ask('bad one', 'list a')).toEqual({ listings: [first.listings[0]], errors: 'Error: bad one' });
  expect(await session.ask('add')).toEqual({ listings: [], errors: '' });
});

test('ask: questions wait their turn', async () => {
  open(staying);
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => session.ask(`list ${name}`)));
  expect(answers.map(({ listings }) => listings[0])).toMatchObject([{ line: 'list a' }, { line: 'list b' }, { line: 'list c' }]);
});

test('ask: one that died is replaced', async () => {
  open(`${staying} setTimeout(() => process.exit(), 0x7fffffff);`);
  await session.ask('list a');
  expect(await session.ask('die')).toEqual({ listings: [], errors: '' });
  expect((await session.ask('list b')).listings).toMatchObject([{ line: 'list b' }]);
});

test('ask: where none can stay, each line takes a process, and that is said once', async () => {
  open('console.error("invalid option"); process.exit(1)');
  expect(await session.ask('add', 'list a')).toEqual({ listings: [{ single: true }], errors: '' });
  expect((await session.ask('bad')).errors).toContain('Error: bad');
  expect(fellBack).toHaveLength(1);
  expect(fellBack[0]).toMatch(/status 1.*invalid option/);
});

test('ask: one that is silent is given up', async () => {
  open('process.stdin.resume()', 300);
  expect(await session.ask('list a')).toEqual({ listings: [{ single: true }], errors: '' });
  expect(fellBack[0]).toMatch(/did not answer within 300 ms/);
});
