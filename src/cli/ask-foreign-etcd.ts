/** Asks the endpoints of a user's own etcd from every master: TLS from here, TCP from there, so that bare machines can be asked too. */

import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import type { Tunnel } from '../connection/open-connections.ts';
import { type Reach, reachable, type Target } from '../facts/machine/reachable.ts';
import type { EtcdCertificates } from '../model/etcd-topology.ts';
import type { ReadFact } from '../model/fact.ts';
import type { Host } from '../model/host.ts';
import type { EndpointAnswer, EndpointReply, EndpointTrouble } from '../phases/preflight/foreign-etcd.ts';

export interface AskInput {
  readonly hosts: readonly Host[];
  readonly endpoints: readonly string[];
  readonly certificates: EtcdCertificates;
  readonly read: ReadFact;
  readonly tunnel: Tunnel;
  readonly signal: AbortSignal;
}

export async function askForeignEtcd(input: AskInput): Promise<readonly EndpointAnswer[]> {
  const perHost = input.hosts.map(async (host) => {
    const reach = await input.read(host, reachable(input.endpoints.map(targetOf)));
    return Promise.all(
      input.endpoints.map(async (endpoint) => ({ from: host.name, endpoint, answer: await askEndpoint(input, host, endpoint, reach) })),
    );
  });
  return (await Promise.all(perHost)).flat();
}

async function askEndpoint(
  { certificates, tunnel, signal }: AskInput,
  host: Host,
  endpoint: string,
  reach: readonly Reach[],
): Promise<EndpointReply | EndpointTrouble> {
  const target = targetOf(endpoint);
  const outcome = reach.find(({ address, port }) => address === target.address && port === target.port)?.outcome;
  if (outcome !== 'open') return { kind: outcome ?? 'silent' };
  const pipe = await tunnel(host, target, signal);
  try {
    return await askEtcd(pipe, target.address, certificates);
  } catch (error) {
    return troubleOf(error);
  } finally {
    pipe.destroy();
  }
}

function targetOf(endpoint: string): Target {
  const { hostname, port } = new URL(endpoint);
  return { address: hostname, port: Number(port || 443) };
}

/** Over a connection that is open: etcd's JSON gateway. Throws what TLS, HTTP or an unfit answer throws. */
export async function askEtcd(pipe: Duplex, name: string, { ca, certificate, key }: EtcdCertificates): Promise<EndpointReply> {
  const ask = await tlsRequests(pipe, { name, ca, cert: certificate, key: key.reveal() });
  const list = memberList.parse(JSON.parse(await ask('POST', '/v3/cluster/member/list', JSON.stringify({ linearizable: false }))));
  const range = { key: base64('/registry/'), range_end: base64('/registry0'), count_only: true, serializable: true };
  const keys = counted.parse(JSON.parse(await ask('POST', '/v3/kv/range', JSON.stringify(range))));
  const { etcdserver } = versions.parse(JSON.parse(await ask('GET', '/version')));
  // The only question that needs a quorum, and the last one: a member without one leaves it unanswered.
  const health = await ask('GET', '/health').then(
    (text) => healthy.parse(JSON.parse(text)),
    () => undefined,
  );
  return {
    kind: 'etcd',
    clusterId: list.header.cluster_id,
    memberId: list.header.member_id,
    members: list.members.map(({ ID, name: of, isLearner }) => ({ id: ID, name: of, learner: isLearner })),
    healthy: health?.health === 'true',
    registryKeys: Number(keys.count),
    version: etcdserver,
  };
}

const memberList = z.object({
  header: z.object({ cluster_id: z.string(), member_id: z.string() }),
  members: z.array(z.object({ ID: z.string(), name: z.string().default(''), isLearner: z.boolean().default(false) })),
});
const counted = z.object({ count: z.string().default('0') });
const healthy = z.object({ health: z.string() });
const versions = z.object({ etcdserver: z.string() });

interface Identity {
  readonly name: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

type Ask = (method: 'GET' | 'POST', path: string, body?: string) => Promise<string>;

const answerMs = 5000;

/** Requests one after another over one connection. Its certificate is verified against the CA and the name. */
async function tlsRequests(pipe: Duplex, { name, ...identity }: Identity): Promise<Ask> {
  const socket = tlsConnect({ ...identity, socket: pipe, host: name, ...(isIP(name) === 0 ? { servername: name } : {}) });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => reject(new Error(closed)));
    // Also after the promise has settled: the pipe's end is one.
    socket.on('error', reject);
    socket.setTimeout(answerMs, () => socket.destroy(new Error(`no answer within ${answerMs / 1000} s`)));
  });
  const agent = Object.assign(new Agent({ keepAlive: true, maxSockets: 1 }), { createConnection: () => socket });
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const asked = request({ agent, host: name, method, path, timeout: answerMs }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        // /health answers 503 with a body that says why.
        response.once('end', () => resolve(text));
        response.on('error', reject);
      });
      asked.once('timeout', () => asked.destroy(new Error(`no answer within ${answerMs / 1000} s`)));
      asked.on('error', reject);
      asked.end(body);
    });
}

const closed = 'the connection was closed';

function troubleOf(error: unknown): EndpointTrouble {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  if (message === closed || /before secure TLS/.test(message)) return { kind: 'no-tunnel' };
  // etcd's own words about a certificate come as an alert after the handshake (TLS 1.3).
  if (/ALERT/.test(code)) return { kind: 'rejected', detail: /alert ([a-z ]+):/i.exec(message)?.[1] ?? message };
  if (/^(EPIPE|ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)) return { kind: 'rejected', detail: 'it ends the connection' };
  if (/CERT|SIGNED|VERIFY|ISSUER|ALTNAME/.test(code)) return { kind: 'untrusted', detail: message.split(';')[0] ?? '' };
  return {
    kind: 'not-etcd',
    detail: error instanceof z.ZodError || error instanceof SyntaxError ? 'its answer is no JSON of etcd’s gateway' : message,
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
