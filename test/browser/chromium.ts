/** A real headless Chromium, driven over its own DevTools protocol: enough for tests of pages, and no dependency. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export interface Chromium {
  /** Opens a page and waits until it has loaded. */
  readonly open: (url: string, options?: PageOptions) => Promise<Page>;
  readonly close: () => Promise<void>;
}

export interface PageOptions {
  /** In pixels; default 1280 × 900. */
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Default true. */
  readonly script?: boolean;
  /** As for people who asked their system for less motion. */
  readonly calm?: boolean;
  /** As on paper. */
  readonly print?: boolean;
}

export interface Page {
  /** The value of an expression in the page, waited for if it is a promise. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** A key press, as its DOM name: ArrowLeft, +, Tab. */
  readonly press: (key: string) => Promise<void>;
  readonly wheel: (x: number, y: number, deltaY: number) => Promise<void>;
  readonly point: (x: number, y: number) => Promise<void>;
  /** PNG of the window, or of the whole page. */
  readonly picture: (whole?: boolean) => Promise<Buffer>;
  /** As it would come on A4 paper. */
  readonly pdf: () => Promise<Buffer>;
  /** What the page complained of: errors, refused loads, breaches of its policy. */
  readonly complaints: readonly string[];
  /** Addresses that it asked for, beside its own. */
  readonly requests: readonly string[];
}

/** Its path, or undefined where there is none: `apt-get install chromium`. */
export function findChromium(path = process.env.PATH ?? ''): string | undefined {
  const candidates = path
    .split(delimiter)
    .flatMap((directory) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(directory, name)));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const messageSchema = z.object({
  id: z.number().optional(),
  sessionId: z.string().optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Message = z.infer<typeof messageSchema>;
type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

export async function startChromium(program: string): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'trivet-chromium-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--hide-scrollbars'];
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const socket = new WebSocket(await debuggerOf(child));
  const listeners = new Set<(message: Message) => void>();
  const waiting = new Map<
    number,
    { readonly resolve: (result: Record<string, unknown>) => void; readonly reject: (error: Error) => void }
  >();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const message = messageSchema.parse(JSON.parse(String(data)));
    const waiter = waiting.get(message.id ?? 0);
    if (waiter === undefined) for (const listen of listeners) listen(message);
    else if (message.error === undefined) waiter.resolve(message.result ?? {});
    else waiter.reject(new Error(message.error.message));
    waiting.delete(message.id ?? 0);
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const send: Send = (method, params = {}, sessionId = undefined) => {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    });
  };
  return {
    open: (url, options = {}) => openPage(send, listeners, url, options),
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await send('Browser.close').catch(() => undefined);
      if (child.exitCode === null && child.signalCode === null) await ended;
      socket.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended with status ${code}`)));
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

async function openPage(send: Send, listeners: Set<(message: Message) => void>, url: string, options: PageOptions): Promise<Page> {
  const { width = 1280, height = 900, dark = false, script = true, print = false, calm = false } = options;
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const sessionId = z.string().parse((await send('Target.attachToTarget', { targetId, flatten: true })).sessionId);
  const call = (method: string, params: object = {}) => send(method, params, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    listeners.add((message) => {
      if (message.sessionId !== sessionId) return;
      const words = JSON.stringify(message.params);
      if (message.method === 'Page.loadEventFired') resolve();
      if (message.method === 'Runtime.exceptionThrown' || message.method === 'Log.entryAdded') complaints.push(words);
      const asked = message.method === 'Network.requestWillBeSent' ? /"url":"([^"]*)"/.exec(words)?.[1] : undefined;
      if (asked !== undefined && asked !== url) requests.push(asked);
    });
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await call(`${domain}.enable`);
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  await call('Emulation.setEmulatedMedia', {
    ...(print && { media: 'print' }),
    features: [
      { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
      { name: 'prefers-reduced-motion', value: calm ? 'reduce' : 'no-preference' },
    ],
  });
  await call('Emulation.setScriptExecutionDisabled', { value: !script });
  await call('Page.navigate', { url });
  await loaded;
  const mouse = (type: string, x: number, y: number, more: object = {}) => call('Input.dispatchMouseEvent', { type, x, y, ...more });
  const image = async (method: string, params: object) => Buffer.from(z.string().parse((await call(method, params)).data), 'base64');
  return {
    complaints,
    requests,
    async evaluate(expression) {
      const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return z.object({ value: z.unknown().optional() }).parse(answer.result).value;
    },
    async press(key) {
      // What the browser itself does on a key it does by its code.
      const code = { Tab: 9, Enter: 13 }[key];
      const more = { ...(code !== undefined && { windowsVirtualKeyCode: code }), ...(key === 'Enter' && { text: '\r' }) };
      await call('Input.dispatchKeyEvent', { type: 'keyDown', key, ...(key.length === 1 && { text: key }), ...more });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', key, ...more });
    },
    wheel: async (x, y, deltaY) => void (await mouse('mouseWheel', x, y, { deltaX: 0, deltaY })),
    point: async (x, y) => void (await mouse('mouseMoved', x, y)),
    picture: (whole = false) => image('Page.captureScreenshot', { captureBeyondViewport: whole, ...(whole && { fromSurface: true }) }),
    pdf: () => image('Page.printToPDF', { printBackground: false, paperWidth: 8.27, paperHeight: 11.69 }),
  };
}
