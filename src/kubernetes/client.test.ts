import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../model/secret.ts';
import { kubernetesClient } from './client.ts';
import type { KubernetesAccess } from './kubeconfig.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-client-'));
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let access: KubernetesAccess;

beforeAll(async () => {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=api -addext subjectAltName=DNS:api.test,IP:127.0.0.1`;
  execFileSync('openssl', argv.split(' '), { stdio: 'ignore' });
  const [keyPem, certPem] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')];
  server = createServer({ key: keyPem, cert: certPem, ca: certPem, requestCert: true, rejectUnauthorized: true }, (request, response) =>
    answer(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  access = { servers: [`https://127.0.0.1:${port}`], ca: certPem, cert: certPem, key: new Secret(keyPem) };
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

const clients: { close: () => void }[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function open(changes: Partial<KubernetesAccess> = {}) {
  const client = kubernetesClient({ ...access, ...changes });
  clients.push(client);
  return client;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('kubernetesClient', () => {
  it('get: gives the object, and undefined for 404', async () => {
    answer = (request, response) => (request.url === '/api/v1/nodes/m1' ? json(response, 200, { kind: 'Node' }) : json(response, 404, {}));
    const client = open();
    expect(await client.get('/api/v1/nodes/m1')).toEqual({ kind: 'Node' });
    expect(await client.get('/api/v1/nodes/m2')).toBeUndefined();
  });

  it('list: joins the pages', async () => {
    answer = (request, response) =>
      request.url?.includes('continue=a%2Fb')
        ? json(response, 200, { metadata: {}, items: [{ n: 3 }] })
        : json(response, 200, { metadata: { continue: 'a/b' }, items: [{ n: 1 }, { n: 2 }] });
    expect(await open().list('/api/v1/pods')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('apply: sends a forced server-side apply and gives the result', async () => {
    let seen = '';
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen = `${request.method} ${request.url} ${request.headers['content-type']} ${body}`;
        json(response, 200, { kind: 'ConfigMap' });
      });
    };
    await open().apply('/api/v1/namespaces/default/configmaps/x', { data: { a: 'b' } });
    expect(seen).toBe(
      'PATCH /api/v1/namespaces/default/configmaps/x?fieldManager=trivet&force=true application/apply-patch+yaml {"data":{"a":"b"}}',
    );
  });

  it("throws the API's own message as KUBERNETES", async () => {
    answer = (_request, response) => json(response, 403, { kind: 'Status', message: 'pods is forbidden' });
    await expect(open().create('/api/v1/pods', {})).rejects.toMatchObject({
      code: 'KUBERNETES',
      message: 'POST /api/v1/pods was answered with 403: pods is forbidden',
    });
  });

  it('goes on to the next server when the first refuses connections', async () => {
    answer = (_request, response) => json(response, 200, { ok: true });
    const client = open({ servers: ['https://127.0.0.1:1', ...access.servers] });
    expect(await client.create('/api/v1/x', {})).toEqual({ ok: true });
  });

  it('does not repeat a write that a server took but did not answer', async () => {
    let asked = 0;
    answer = (request) => {
      asked += 1;
      request.socket.destroy();
    };
    const client = open({ servers: [...access.servers, ...access.servers] });
    await expect(client.create('/api/v1/x', {})).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
    expect(asked).toBe(1);
  });

  it('gives up after its timeout, and at once when aborted', async () => {
    answer = () => undefined;
    const client = open();
    await expect(client.get('/x', { timeoutSeconds: 0.05 })).rejects.toMatchObject({
      code: 'KUBERNETES_UNREACHABLE',
      findings: [expect.stringContaining('no answer within 0.05 s')],
    });
    await expect(client.get('/x', { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('refuses a server whose certificate does not carry the expected name', async () => {
    answer = (_request, response) => json(response, 200, {});
    expect(await open({ serverName: 'api.test' }).get('/x')).toEqual({});
    await expect(open({ serverName: 'other.test' }).get('/x')).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
  });
});

describe('watch', () => {
  const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

  it('yields events and bookmarks, split anywhere, until the server ends it', async () => {
    answer = (_request, response) => {
      const text = line('ADDED', { n: 1 }) + line('BOOKMARK', { metadata: { resourceVersion: '7' } }) + line('DELETED', { n: 1 });
      response.write(text.slice(0, 20));
      setTimeout(() => response.end(text.slice(20)), 20);
    };
    const seen: unknown[] = [];
    for await (const event of open().watch('/api/v1/pods')) seen.push(event);
    expect(seen).toEqual([
      { kind: 'added', object: { n: 1 } },
      { kind: 'bookmark', resourceVersion: '7' },
      { kind: 'deleted', object: { n: 1 } },
    ]);
  });

  it('fails when nothing comes for the idle time', async () => {
    answer = (_request, response) => void response.write(line('ADDED', { n: 1 }));
    const seen: unknown[] = [];
    await expect(async () => {
      for await (const event of open().watch('/api/v1/pods', { idleSeconds: 0.1 })) seen.push(event);
    }).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
    expect(seen).toHaveLength(1);
  });

  it('throws for an ERROR event', async () => {
    answer = (_request, response) => response.end(line('ERROR', { code: 410, message: 'too old resource version' }));
    await expect(open().watch('/api/v1/pods', { resourceVersion: '1' }).next()).rejects.toMatchObject({
      code: 'KUBERNETES',
      message: 'watching /api/v1/pods was ended with 410: too old resource version',
    });
  });
});
