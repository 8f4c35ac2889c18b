import { describe, expect, it } from 'vitest';
import { type AskedWith, admit } from './gate.ts';

const key = { token: 'the-right-one', cookieName: 'trivet-dashboard-7000' };
const cookie = 'other=1; trivet-dashboard-7000=the-right-one';

function ask(more: Partial<AskedWith>) {
  return admit({ method: 'GET', url: '/', host: '127.0.0.1:7000', cookie: undefined, ...more }, key);
}

describe('admit', () => {
  it('takes the token in the address of the page, and the cookie everywhere', () => {
    expect(ask({ url: '/?token=the-right-one' })).toEqual({ kind: 'admitted', path: '/', byToken: true });
    expect(ask({ url: '/events', cookie })).toEqual({ kind: 'admitted', path: '/events', byToken: false });
    expect(ask({ host: 'localhost:8080', cookie })).toMatchObject({ kind: 'admitted' });
  });

  it.each([
    ['neither', {}],
    ['a wrong token', { url: '/?token=wrong' }],
    ['a wrong token beside the right cookie', { url: '/?token=wrong', cookie }],
    ['two tokens', { url: '/?token=the-right-one&token=the-right-one' }],
    ['an empty token', { url: '/?token=' }],
    ['the token at another address', { url: '/events?token=the-right-one' }],
    ['the beginning of the token', { cookie: 'trivet-dashboard-7000=the-right-on' }],
    ['the cookie of another port', { cookie: 'trivet-dashboard-7001=the-right-one' }],
  ])('refuses %s', (_, more) => {
    expect(ask(more)).toMatchObject({ kind: 'refused', status: 403 });
  });

  it.each([['evil.example:7000'], ['127.0.0.1.evil.example'], ['localhost.evil.example:7000'], [''], [undefined], ['127.0.0.1:7000@evil']])(
    'refuses the host name %s, whatever the cookie is',
    (host) => {
      expect(ask({ host, cookie })).toMatchObject({ kind: 'refused', status: 403 });
    },
  );

  it.each([['POST'], ['PUT'], ['DELETE'], ['HEAD'], ['OPTIONS'], [undefined]])('refuses the method %s', (method) => {
    expect(ask({ method, cookie })).toMatchObject({ kind: 'refused', status: 405 });
  });

  it.each([['http://evil.example/'], ['*'], ['']])('refuses the address %s', (url) => {
    expect(ask({ url, cookie })).toMatchObject({ kind: 'refused', status: 400 });
  });

  it('keeps to this server, whatever the address looks like', () => {
    expect(ask({ url: '//evil.example/x', cookie })).toMatchObject({ kind: 'admitted', path: '/x' });
  });
});
