/** The health flags → how one backend is asked. */

import type { HealthCheck } from '../../care/settings.ts';
import type { FlagReader } from './flag-reader.ts';
import { parsePairs } from './go-values.ts';

/** Whether this apiserver serves, not whether etcd has a leader: without one all masters would go at the same moment. */
export const apiserverPath = '/readyz?exclude=etcd&exclude=etcd-readiness';
/** With etcd: of one that was out. It serves nobody without. */
export const apiserverReturnPath = '/readyz';
const defaultCaFile = '/etc/kubernetes/pki/ca.crt';

/** Of the codes, lvscare's `--health-status` names further ones. */
const codesThatPass = [...Array.from({ length: 200 }, (_, index) => 200 + index), 401, 403];

export function healthCheck(read: FlagReader): HealthCheck {
  const scheme = read.choice('health-schem', ['https', 'http', 'tcp'], 'https');
  const asked = ['health-path', 'health-req-method', 'health-req-body', 'health-req-headers', 'health-status'];
  const onlyTls = ['health-insecure-skip-verify', 'health-server-name', 'ca-file'];
  for (const name of scheme === 'tcp' ? [...asked, ...onlyTls] : scheme === 'http' ? onlyTls : []) {
    if (read.isGiven(name)) read.problem(name, `means nothing with --health-schem ${scheme}; leave it out`);
  }
  if (scheme === 'tcp') return { kind: 'tcp' };
  return {
    kind: scheme,
    method: method(read),
    path: path(read, scheme),
    ...(scheme === 'https' && !read.isGiven('health-path') ? { pathOfReturn: apiserverReturnPath } : {}),
    headers: headers(read),
    body: read.text('health-req-body'),
    statuses: statuses(read),
    caFile: scheme === 'https' ? (read.text('ca-file') ?? defaultCaFile) : undefined,
    skipVerify: scheme === 'https' && read.isOn('health-insecure-skip-verify'),
    serverName: serverName(read),
  };
}

function method(read: FlagReader): string {
  const text = (read.text('health-req-method') ?? 'GET').toUpperCase();
  if (!/^[A-Z]{1,20}$/.test(text) || text === 'CONNECT') read.problem('health-req-method', `${show(text)} is no method of a question: GET`);
  return text;
}

function path(read: FlagReader, scheme: 'http' | 'https'): string {
  const text = read.text('health-path') ?? (scheme === 'https' ? apiserverPath : '/healthz');
  if (!/^[\x21-\x7e]*$/.test(text) || text.length > 2000) {
    read.problem('health-path', `${show(text)} is no path: only visible ASCII, everything else as %20`);
  }
  return text.startsWith('/') ? text : `/${text}`;
}

function headers(read: FlagReader): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const text of read.texts('health-req-headers')) {
    const pairs = parsePairs(text);
    if (pairs === undefined) read.problem('health-req-headers', `${show(text)} is not NAME=VALUE,NAME=VALUE`);
    for (const [name, value] of pairs ?? []) {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/.test(name)) read.problem('health-req-headers', `${show(name)} is no header's name`);
      else if (!/^[\t\x20-\x7e]*$/.test(value)) read.problem('health-req-headers', `the value of ${name} holds what no header may hold`);
      else if (/^(content-length|transfer-encoding|connection|upgrade|http2-settings)$/i.test(name)) {
        read.problem('health-req-headers', `${name} is trivet's own to set`);
      } else found.set(name.toLowerCase(), value);
    }
  }
  return Object.fromEntries(found);
}

function statuses(read: FlagReader): readonly number[] | undefined {
  const texts = read.list('health-status');
  const codes = texts.filter((text) => /^[1-5]\d\d$/.test(text)).map(Number);
  for (const text of texts) {
    if (!/^[1-5]\d\d$/.test(text)) read.problem('health-status', `${show(text)} is no status code: 100 to 599`);
  }
  return codes.length === 0 ? undefined : [...new Set([...codesThatPass, ...codes])];
}

function serverName(read: FlagReader): string | undefined {
  const text = read.text('health-server-name');
  if (text !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text)) {
    read.problem('health-server-name', `${show(text)} is no host name`);
  }
  return text;
}

/** As far as a line of an error message should show it. */
export function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
