import { expect, test } from 'vitest';
import { keepalivedInstances } from './keepalived-instances.ts';

/** As trivet renders it, and a second one by hand. */
const file = `# Written by trivet: changes are overwritten by the next trivet up.
global_defs {
    router_id m1
    vrrp_version 3
}

vrrp_instance trivet {
    # Every master starts as BACKUP.
    state BACKUP
    interface eth0
    virtual_router_id 100
    priority 254
    unicast_peer {
        192.0.2.12
    }
    # /32: the address answers.
    virtual_ipaddress {
        192.0.2.100/32 dev eth0
    }
}

vrrp_instance VI_2 {
    virtual_router_id 51 ! not ours
    virtual_ipaddress {
        198.51.100.1
        2001:db8::1/64
    }
}
`;

test('keepalivedInstances: name, id and addresses of each instance', () => {
  expect(keepalivedInstances.parse({ code: 0, stdout: file, stderr: '' })).toEqual([
    { name: 'trivet', virtualRouterId: 100, addresses: ['192.0.2.100'] },
    { name: 'VI_2', virtualRouterId: 51, addresses: ['198.51.100.1', '2001:db8::1'] },
  ]);
});

test('keepalivedInstances: none where there is no file', () => {
  expect(keepalivedInstances.parse({ code: 1, stdout: '', stderr: 'No such file' })).toEqual([]);
});
