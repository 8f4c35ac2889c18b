import { expect, test } from 'vitest';
import { keepalivedFound } from './keepalived-found.ts';

function parse(config: string, active = 'inactive') {
  return keepalivedFound.parse({ code: 0, stdout: `\n==section config\n${config}\n\n==section active\n${active}\n`, stderr: '' });
}

test('keepalivedFound: none, a file of comments, trivet’s own', () => {
  expect(parse('')).toEqual({ ours: false, configured: false, instances: [], active: false });
  expect(parse('! a sample\n# vrrp_instance x {\n')).toMatchObject({ configured: false, instances: [] });
  expect(parse('# Written by trivet: changes are overwritten.\nvrrp_instance trivet {\n}\n', 'active')).toEqual({
    ours: true,
    configured: true,
    instances: ['trivet'],
    active: true,
  });
});

test('keepalivedFound: another’s, with its instances and virtual servers', () => {
  const config = 'global_defs {\n  router_id x\n}\nvrrp_instance VI_1 {\n  state MASTER\n}\nvirtual_server 198.51.100.9 80 {\n}\n';
  expect(parse(config, 'active')).toEqual({ ours: false, configured: true, instances: ['VI_1', '198.51.100.9 80'], active: true });
});
