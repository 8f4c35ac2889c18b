/** keepalived.conf: what its semantics demand of the text. */

import { describe, expect, test } from 'vitest';
import { type KeepalivedInput, keepalivedConfig } from './keepalived.ts';

const input: KeepalivedInput = {
  name: 'm1',
  address: '192.0.2.11',
  peers: ['192.0.2.12', '192.0.2.13'],
  vip: '192.0.2.100',
  interface: 'eth0',
  virtualRouterId: 51,
  priority: 250,
  advertSeconds: 0.2,
  preempt: false,
  multicast: false,
  trackFile: '/run/trivet-vip/serves',
  virtualServers: '',
};

describe('keepalivedConfig', () => {
  test.each([false, true])('preempt %s: every instance starts as BACKUP, and nopreempt stands there only without it', (preempt) => {
    const text = keepalivedConfig({ ...input, preempt });
    expect([...text.matchAll(/^\s*state (\S+)$/gm)].map((match) => match[1])).toEqual(['BACKUP']);
    expect(/^\s*nopreempt$/m.test(text)).toBe(!preempt);
  });

  test('names its peers, never itself, and carries the VIP as one address', () => {
    const text = keepalivedConfig(input);
    expect(/unicast_peer \{([^}]*)\}/.exec(text)?.[1]?.split(/\s+/).filter(Boolean)).toEqual(['192.0.2.12', '192.0.2.13']);
    expect(text).toMatch(/^\s*unicast_src_ip 192\.0\.2\.11$/m);
    expect(/virtual_ipaddress \{([^}]*)\}/.exec(text)?.[1]?.trim()).toBe('192.0.2.100/32 dev eth0');
  });

  test('braces are balanced', () => {
    const code = keepalivedConfig(input).replaceAll(/#.*/g, '');
    expect(code.split('{').length).toBe(code.split('}').length);
  });
});
