/** Who may ask the dashboard: only those who were given its token, by its own names, and only to read. */

import { createHash, timingSafeEqual } from 'node:crypto';

export interface AskedWith {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly cookie: string | undefined;
}

export interface Key {
  readonly token: string;
  /** With the port in it: cookies are shared by all ports of an address. */
  readonly cookieName: string;
}

export type Admission =
  /** `byToken`: the token was in the address, so that the cookie is to be set. */
  { readonly kind: 'admitted'; readonly path: string; readonly byToken: boolean } | Refusal;

export interface Refusal {
  readonly kind: 'refused';
  readonly status: 400 | 403 | 405;
  /** For people. */
  readonly word: string;
}

export function admit({ method, url = '', host, cookie }: AskedWith, key: Key): Admission {
  // A page elsewhere whose name was made to lead here (DNS rebinding) still says its own name.
  if (!isOwnName(host)) return refused(403, 'This server answers to 127.0.0.1 and localhost only.');
  if (method !== 'GET') return refused(405, 'This server only shows: GET is all that it takes.');
  const asked = URL.canParse(url, 'http://127.0.0.1') && url.startsWith('/') ? new URL(url, 'http://127.0.0.1') : undefined;
  if (asked === undefined) return refused(400, 'That is no address.');
  const tokens = asked.searchParams.getAll('token');
  if (tokens.length > 0) {
    if (tokens.length !== 1 || asked.pathname !== '/' || !same(tokens[0] ?? '', key.token)) return refused(403, unknownToken);
    return { kind: 'admitted', path: '/', byToken: true };
  }
  if (!cookiesNamed(key.cookieName, cookie).some((value) => same(value, key.token))) return refused(403, unknownToken);
  return { kind: 'admitted', path: asked.pathname, byToken: false };
}

const unknownToken = 'Open the address that trivet dashboard printed, with its token: each start has a new one.';

function refused(status: Refusal['status'], word: string): Refusal {
  return { kind: 'refused', status, word };
}

/** Any port: the way here may be an SSH forwarding. */
function isOwnName(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(host ?? '');
}

function cookiesNamed(name: string, header = ''): readonly string[] {
  return header.split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.trim().split('=');
    return key === name ? [value.join('=')] : [];
  });
}

/** In a time that does not depend on where they differ, nor on their lengths. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
