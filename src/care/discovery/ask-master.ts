/** One mutually authenticated connection to one master, for one list and the watch after it. */

import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import type { Credentials } from './credentials.ts';

export interface MasterAccess {
  readonly master: Address;
  /** PEM. */
  readonly ca: string;
  /** The name in the masters' certificates; undefined: their IP. */
  readonly serverName: string | undefined;
  readonly credentials: Credentials;
}

export interface MasterConnection {
  /** GET; the answer may be cut off by its signal. Throws Failure KUBERNETES for a refusal, KUBERNETES_UNREACHABLE for no answer. */
  readonly get: (path: string, answerMs: number, signal: AbortSignal) => Promise<IncomingMessage>;
  readonly close: () => void;
}

export function connectMaster({ master, ca, serverName, credentials }: MasterAccess): MasterConnection {
  const { client, token } = credentials;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    ca,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key.reveal() }),
  });
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }) };

  const send = (path: string, answerMs: number, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ host: master.ip, port: master.port, path, agent, headers, signal }, resolve);
      const late = setTimeout(() => sent.destroy(new Error(`no answer within ${answerMs} ms`)), answerMs);
      sent.once('close', () => clearTimeout(late)).once('response', () => clearTimeout(late));
      sent.on('error', reject).end();
    });

  return {
    async get(path, answerMs, signal) {
      const response = await send(path, answerMs, signal).catch((error: unknown) => {
        throw unanswered(master, error);
      });
      const refusal = refusalOf(response, master);
      if (refusal === undefined) return response;
      response.destroy();
      throw refusal;
    },
    close: () => agent.destroy(),
  };
}

/** What is wrong between this machine and that master, with what to look at next. */
export function unanswered(master: Address, cause: unknown): Failure {
  const where = addressText(master);
  const [message, code] = cause instanceof Error ? [cause.message, 'code' in cause ? String(cause.code) : ''] : [String(cause), ''];
  if (/CERT|SIGNATURE|ALTNAME|ISSUER/.test(code)) {
    return new Failure('KUBERNETES_UNREACHABLE', `the certificate of ${where} does not verify against the cluster's CA: ${message}`, {
      remedy: `openssl s_client -connect ${where} -CAfile /etc/kubernetes/pki/ca.crt </dev/null`,
      cause,
    });
  }
  if (/^ERR_(OSSL|SSL|TLS)/.test(code)) {
    return new Failure('KUBERNETES_UNREACHABLE', `no TLS connection with ${where}: ${message}`, {
      remedy: 'see whether the client certificate and its key belong together: openssl x509 -noout -subject -enddate -in CERTIFICATE',
      cause,
    });
  }
  return new Failure('KUBERNETES_UNREACHABLE', `${where} does not answer: ${message}`, { cause });
}

/** The one Role that discovery needs, for kubeadm's group of all kubelets; the scheme local-care makes it by the same name. */
const rbacRemedy = [
  'kubectl --namespace default create role trivet:care --verb get,list,watch --resource endpointslices.discovery.k8s.io --resource-name kubernetes',
  'kubectl --namespace default create rolebinding trivet:care --role trivet:care --group system:nodes',
].join('; ');

function refusalOf(response: IncomingMessage, master: Address): Failure | undefined {
  const where = addressText(master);
  const status = response.statusCode ?? 0;
  const what = 'EndpointSlice default/kubernetes';
  switch (true) {
    case status === 200 && /^application\/json\b/.test(response.headers['content-type'] ?? ''):
      return undefined;
    case status === 200:
      return new Failure('KUBERNETES', `${where} answers with something else than JSON: it is no apiserver`, {
        remedy: `curl -k https://${where}/version`,
      });
    case status === 401:
      return new Failure('KUBERNETES', `${where} does not know who asks (401)`, {
        remedy:
          'see whether the certificate is still good: openssl x509 -noout -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem',
      });
    case status === 403:
      return new Failure('KUBERNETES', `${where} does not let this machine watch ${what} (403)`, { remedy: rbacRemedy });
    case status === 410:
      return new Failure('KUBERNETES', `${where} no longer has the version that was asked for (410)`);
    default:
      return new Failure('KUBERNETES', `${where} answers ${status} when asked for ${what}`, {
        remedy: `kubectl --server https://${where} get --raw /readyz?verbose`,
      });
  }
}
