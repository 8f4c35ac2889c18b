import { expect, test } from 'vitest';
import { machineKernel } from './kernel.ts';

/** A microVM's kernel without modules, cgroup v1, /proc/sys read-only. */
const monolithic = `
==section release
6.18.44-fc-v657

==section filesystems
nodev	overlay

==section bridge
/proc/sys/net/bridge

==section loaded
overlay

==section installed

==section config
CONFIG_BRIDGE_NETFILTER=y
CONFIG_NF_TABLES=y
CONFIG_OVERLAY_FS=y

==section filesystem
tmpfs

==section controllers

==section cgroups
#subsys_name	hierarchy	num_cgroups	enabled
cpuset	3	1	1
cpu	1	1	1
cpuacct	2	1	1
blkio	7	1	1
memory	4	16	1
devices	5	1	1
freezer	6	1	1
net_cls	0	3	1
perf_event	0	3	1
net_prio	0	3	1
hugetlb	0	3	1
pids	8	1	1

==section sysctls
net.ipv4.ip_forward read-only 0
net.bridge.bridge-nf-call-iptables read-only 1
`;

/** Debian's kernel with modules on the disk, cgroup v2, br_netfilter not loaded. */
const modular = `
==section release
6.12.43+deb13-amd64

==section filesystems

==section bridge

==section loaded
nf_tables

==section installed
kernel/net/bridge/br_netfilter.ko.xz
kernel/net/netfilter/nf_tables.ko.xz
kernel/fs/overlayfs/overlay.ko.xz
kernel/net/netfilter/ipvs/ip_vs.ko.xz

==section config
CONFIG_OVERLAY_FS=m
CONFIG_BRIDGE_NETFILTER=m
CONFIG_NF_TABLES=m

==section filesystem
cgroup2fs

==section controllers
cpuset cpu io memory hugetlb pids rdma misc

==section cgroups
#subsys_name\thierarchy\tnum_cgroups\tenabled
memory\t0\t61\t1

==section sysctls
net.ipv4.ip_forward writable 0
`;

function parse(stdout: string) {
  return machineKernel.parse({ code: 0, stdout, stderr: '' });
}

test('machineKernel: features that are built in are present', () => {
  expect(parse(monolithic)).toEqual({
    release: '6.18.44-fc-v657',
    features: { overlay: 'present', br_netfilter: 'present', nf_tables: 'present', ip_vs: 'absent' },
    cgroupVersion: 1,
    memoryCgroup: true,
    sysctls: [
      { name: 'net.ipv4.ip_forward', value: '0', writable: false },
      { name: 'net.bridge.bridge-nf-call-iptables', value: '1', writable: false },
    ],
  });
});

test('machineKernel: modules that are on the disk are loadable, cgroup v2 has its own list', () => {
  expect(parse(modular)).toMatchObject({
    features: { overlay: 'loadable', br_netfilter: 'loadable', nf_tables: 'present', ip_vs: 'loadable' },
    cgroupVersion: 2,
    memoryCgroup: true,
    sysctls: [{ name: 'net.ipv4.ip_forward', value: '0', writable: true }],
  });
});

test('machineKernel: modules of another kernel than the running one do not count', () => {
  const replaced = modular.replace(/kernel\/.*\n/g, '');
  expect(parse(replaced).features).toEqual({ overlay: 'absent', br_netfilter: 'absent', nf_tables: 'present', ip_vs: 'absent' });
});

test('machineKernel: a memory control group that is switched off', () => {
  expect(parse(monolithic.replace('memory\t4\t16\t1', 'memory\t0\t1\t0')).memoryCgroup).toBe(false);
  expect(parse(modular.replace('io memory', 'io')).memoryCgroup).toBe(false);
});
