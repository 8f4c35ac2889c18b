/** The dashboard's server as a page or a stranger meets it: a simulated cluster, recordings that grow, and real HTTP. */

import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { simulatedStatus } from '../../test/browser/simulated-cluster.ts';
import { script, simulateDrill, simulatedHeader } from '../../test/browser/simulated-drill.ts';
import { drillRecorder, packRecording } from '../drill/recording/recorder.ts';
import { Failure } from '../model/failure.ts';
import { type Dashboard, openDashboard } from './open-dashboard.ts';
import { applyChange } from './page/apply-change.ts';
import type { Change, View } from './page/page-data.ts';

vi.setConfig({ testTimeout: 30_000 });

let directory: string;
let dashboard: Dashboard;
let status = simulatedStatus();
let failing: Failure | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trivet-dashboard-'));
  status = simulatedStatus();
  failing = undefined;
  const look = () => (failing === undefined ? Promise.resolve(status) : Promise.reject(failing));
  dashboard = await openDashboard({
    cluster: 'rehearsal',
    scheme: 'vip-on-masters/haproxy',
    look,
    recordings: directory,
    port: 0,
    everyMs: 50,
  });
});
afterEach(async () => {
  await dashboard.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(dashboard.url);
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(Buffer.from(chunk));
      const bytes = Buffer.concat(chunks);
      const body = response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: body.toString() });
    });
    asked.on('error', reject).end();
  });
}

function cookie(): string {
  const { port, searchParams } = new URL(dashboard.url);
  return `trivet-dashboard-${port}=${searchParams.get('token')}`;
}

interface Listening {
  readonly view: () => View | undefined;
  readonly changes: readonly Change[];
  readonly stop: () => void;
}

/** As the page does it: every message is made to the view. */
function listen(): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(dashboard.url);
    const changes: Change[] = [];
    let view: View | undefined;
    let text = '';
    const asked = request({ host: '127.0.0.1', port, path: '/events', headers: { cookie: cookie() } }, (response) => {
      response.setEncoding('utf8').on('error', () => undefined);
      response.on('data', (part: string) => {
        const messages = (text + part).split('\n\n');
        text = messages.pop() ?? '';
        for (const message of messages) {
          if (!message.startsWith('data: ')) continue;
          const change: Change = JSON.parse(message.slice('data: '.length));
          changes.push(change);
          view = applyChange(view ?? { cluster: '', scheme: '', look: {}, recordings: [] }, change);
        }
      });
      resolve({ view: () => view, changes, stop: () => asked.destroy() });
    });
    asked.on('error', reject).end();
  });
}

async function until(what: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !what(); await after(20)) if (Date.now() > deadline) throw new Error('it did not come');
}

describe('the door', () => {
  it('opens the page by the printed address, and leaves the token in a cookie that scripts and other sites cannot use', async () => {
    const { pathname, search } = new URL(dashboard.url);
    const { status: code, headers, body } = await ask(`${pathname}${search}`);
    expect(code).toBe(200);
    expect(headers['set-cookie']).toEqual([`${cookie()}; HttpOnly; SameSite=Strict; Path=/`]);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(body).not.toContain(new URL(dashboard.url).searchParams.get('token'));
    expect(body.replaceAll('http://www.w3.org/2000/svg', '').replace(/<script[\s\S]*<\/script>/, '')).not.toMatch(
      /https?:\/\/|<link|\ssrc=|@import|url\(|\sstyle=|\son[a-z]+=/,
    );
  });

  it.each([['/'], ['/events'], ['/recordings/x.ndjson'], ['/favicon.ico']])('says 403 to a stranger at %s, in words', async (path) => {
    const { status: code, headers, body } = await ask(path);
    expect(code).toBe(403);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toMatch(/^Open the address that trivet dashboard printed/);
  });

  it('refuses other host names, other methods and unknown addresses', async () => {
    expect((await ask('/', { cookie: cookie(), host: 'evil.example' })).status).toBe(403);
    expect(await ask('/', { cookie: cookie() }, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await ask('/other', { cookie: cookie() })).status).toBe(404);
    expect((await ask('/recordings/%E0%A4%A', { cookie: cookie() })).status).toBe(404);
  });

  it('packs the page to less than 60 kB', async () => {
    const { headers } = await ask('/', { cookie: cookie(), 'accept-encoding': 'gzip' });
    expect(Number(headers['content-length'])).toBeLessThan(60_000);
  });

  it('says which port cannot be had', async () => {
    const port = Number(new URL(dashboard.url).port);
    const second = openDashboard({ cluster: 'x', scheme: 'x', look: () => Promise.resolve(status), recordings: directory, port });
    await expect(second).rejects.toThrow(`127.0.0.1:${port} cannot be listened on`);
  });
});

describe('the cluster', () => {
  it('goes to a page as a view, then as changes; who comes again is given the view as it is then', async () => {
    const first = await listen();
    await until(() => first.view()?.status !== undefined);
    expect(first.changes[0]?.kind).toBe('view');
    status = simulatedStatus({ holder: 'm2' });
    await until(() => first.view()?.status?.endpoint.holders[0] === 'm2');
    first.stop();
    const second = await listen();
    await until(() => second.view() !== undefined);
    expect(second.view()?.status).toEqual(first.view()?.status);
    second.stop();
  });

  it('that cannot be asked is said, and asked again', async () => {
    failing = new Failure('USAGE', 'no way there');
    const page = await listen();
    await until(() => page.view()?.look.failed === 'no way there');
    failing = undefined;
    await until(() => page.view()?.status !== undefined && page.view()?.look.failed === undefined);
    page.stop();
  });
});

describe('a drill', () => {
  it('is followed from its header to its verdict, also when it is packed at its end', { timeout: 30_000 }, async () => {
    const page = await listen();
    const drill = simulateDrill(join(directory, 'now.ndjson'));
    drill.until(script.faultMs + 10);
    await until(() => page.view()?.drill?.faultMs === script.faultMs);
    expect(page.view()?.drill).toMatchObject({ fault: 'power-off of m1', state: 'running', victims: { m1: 'power-off' } });
    expect(page.view()?.status?.endpoint.holders).toEqual(['m1']);
    drill.until(script.movedMs + 2000);
    await until(() => page.view()?.drill?.holders[0]?.changes.length === 3);
    const lane = page.view()?.drill?.lanes.find(({ probe, from }) => probe === 'new connections' && from === 'outside');
    expect(lane?.bits.slice(18, 24)).toEqual([1, 1, 2, 2, 1, 1]);
    drill.until(script.endMs);
    packRecording(drill.recorder.file);
    await until(() => page.view()?.drill?.verdict !== undefined);
    expect(page.view()?.drill).toMatchObject({ state: 'ended', name: 'now.ndjson.gz', victims: {}, healedMs: script.healedMs });
    expect((await ask('/recordings/now.ndjson.gz', { cookie: cookie() })).status).toBe(200);
    page.stop();
  });

  it('moves the VIP at once, while the machines are still being asked', async () => {
    const page = await listen();
    await until(() => page.view()?.status !== undefined);
    let answer: (() => void) | undefined;
    const never = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await openDashboard({
      cluster: 'rehearsal',
      scheme: '',
      look: (() => {
        let looks = 0;
        return async () => {
          if (looks++ > 0) await never;
          return simulatedStatus();
        };
      })(),
      recordings: directory,
      port: 0,
      everyMs: 1,
    });
    await dashboard.close();
    dashboard = slow;
    const second = await listen();
    await until(() => second.view()?.status?.endpoint.holders[0] === 'm1' && second.view()?.look.askingSinceMs !== undefined);
    drillRecorder(join(directory, 'vip.ndjson'), simulatedHeader()).record({ kind: 'vip', atMs: 5, owner: 'm3' });
    await until(() => second.view()?.status?.endpoint.holders[0] === 'm3');
    second.stop();
    answer?.();
  });

  it('of another cluster, in another format, or none at all, is not followed', async () => {
    writeFileSync(join(directory, 'hello.ndjson'), 'hello\n');
    drillRecorder(join(directory, 'other.ndjson'), simulatedHeader({ cluster: 'other' }));
    const page = await listen();
    await until(() => page.view()?.recordings.length === 2);
    expect(page.view()?.drill).toBeUndefined();
    drillRecorder(join(directory, 'own.ndjson'), simulatedHeader()).record({ kind: 'vip', atMs: 5, owner: 'm1' });
    await until(() => page.view()?.drill?.name === 'own.ndjson');
    page.stop();
  });

  it('has lines that cannot be read passed over, and a line that came in two parts put together', async () => {
    const file = join(directory, 'own.ndjson');
    drillRecorder(file, simulatedHeader());
    const page = await listen();
    await until(() => page.view()?.drill !== undefined);
    appendFileSync(file, '{"kind":"vip"}\nnot JSON\n{"kind":"new kind","atMs":1}\n{"kind":"vip","atMs":7,"ow');
    await after(150);
    appendFileSync(file, 'ner":"m2"}\n');
    await until(() => page.view()?.drill?.holders.length === 1);
    expect(page.view()?.drill?.holders).toEqual([{ of: 'VIP', changes: [{ ms: 7, is: 'm2', good: true }] }]);
    rmSync(file);
    await until(() => page.view()?.drill?.state === 'gone');
    page.stop();
  });
});

describe('recordings', () => {
  it('are listed with their verdicts; what is none is said to be none', { timeout: 30_000 }, async () => {
    const past = simulateDrill(join(directory, 'past.ndjson'), { startedAt: '2026-11-20T10:15:00Z' });
    past.until(script.endMs);
    packRecording(past.recorder.file);
    writeFileSync(join(directory, 'cut.ndjson.gz'), 'no gzip');
    const page = await listen();
    await until(() => page.view()?.recordings.find(({ name }) => name === 'past.ndjson.gz')?.result !== undefined);
    expect(page.view()?.recordings).toMatchObject([
      { name: 'past.ndjson.gz', fault: 'power-off of m1', result: 'inconclusive' },
      { name: 'cut.ndjson.gz', result: 'unreadable' },
    ]);
    page.stop();
    const { status: code, body } = await ask('/recordings/cut.ndjson.gz', { cookie: cookie() });
    expect(code).toBe(422);
    expect(body).toMatch(/^cut\.ndjson\.gz cannot be read/);
  });

  it('open as reports in a sandbox, hostile ones too', { timeout: 30_000 }, async () => {
    const attack = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
    const name = 'a<b>&"x.ndjson';
    const hostile = simulateDrill(join(directory, name), { fault: attack, scheme: attack, cluster: attack });
    hostile.until(script.endMs);
    const page = await listen();
    await until(() => page.view()?.recordings.length === 1);
    page.stop();
    const { status: code, headers, body } = await ask(`/recordings/${encodeURIComponent(name)}`, { cookie: cookie() });
    expect(code).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^sandbox allow-scripts; default-src 'none'; .*frame-ancestors 'none'$/);
    expect(body.match(/<script/g)).toHaveLength(2);
    expect(body).not.toMatch(/<img/);
    const html = (await ask('/', { cookie: cookie() })).body;
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(/<img/);
  });

  it.each([['..%2F..%2Fetc%2Fpasswd'], ['%2Fetc%2Fpasswd'], ['link.ndjson'], ['notes.txt']])('%s is not to be had', async (name) => {
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    symlinkSync('/etc/passwd', join(directory, 'link.ndjson'));
    await after(100);
    expect((await ask(`/recordings/${name}`, { cookie: cookie() })).status).toBe(404);
  });
});
