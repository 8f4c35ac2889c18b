/** The main job on real machines: a cluster grows from one master to three, loses machines and processes, is reset. */

import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeWrites } from '../../src/drill/judge-writes.ts';
import { longestGap } from '../../src/drill/longest-gap.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import type { ProbeEvent } from '../../src/drill/probes/probe-event.ts';
import { type RunningProbes, startProbes } from '../../src/drill/probes/start-probes.ts';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig.ts';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { powerOff, powerOn } from '../../src/lab/power.ts';
import { enterLab, runInLab } from '../../src/lab/run-in-lab.ts';
import { stateDirectory } from '../../src/local/directories.ts';
import { emit, onMachine, outputOf, testBundle, trivet, trivetOk, until, vipHolders } from './on-lab.ts';
import { drillSuite } from './parts/drill-suite.ts';

const lab = 'clustertest';
const masters = ['m1', 'm2', 'm3'];
const all = [...masters, 'w1'];
const file = labDirectories(lab).clusterFile;
const small = join(labDirectories(lab).directory, 'one-master.yaml');
const admin = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';

let machines: Lab;

beforeAll(async () => {
  const bundle = await testBundle();
  await labDown(lab, { emit });
  machines = (await labUp({ name: lab, shape: { masters: 3, workers: 1, etcd: 0, lb: 0 }, bundle, emit })).lab;
  const text = await readFile(file, 'utf8');
  writeFileSync(small, text.replace(/^.*name: (m2|m3),.*\n/gm, ''));
});

afterAll(async () => {
  await labDown(lab, { emit });
});

test('plan on bare machines names the steps and changes nothing', async () => {
  const plan = JSON.parse(await trivetOk('plan', '-f', file, '-o', 'json'));
  expect(plan.steps.map((step: { id: string }) => step.id)).toContain('first-master/kubeadm-init');
  expect(plan.steps.filter((step: { id: string }) => step.id === 'join-masters/etcd-join')).toHaveLength(2);
  expect((await onMachine(lab, 'm1', 'test -e /var/lib/trivet')).code).toBe(1);
});

test('up builds a cluster of one master and a worker', async () => {
  await trivetOk('up', '-f', small, '-y');
  expect(await outputOf(lab, 'm1', `${admin} get nodes --no-headers | grep -cw Ready`)).toBe('2');
});

test('hosts added to the file are joined, masters too; nothing is restarted that was there', async () => {
  const apiserver = await outputOf(lab, 'm1', 'pgrep -x kube-apiserver');
  await trivetOk('up', '-f', file, '-y');
  const status = JSON.parse(await trivetOk('status', '-f', file, '-o', 'json'));
  expect(status.problems).toEqual([]);
  expect(status.etcd).toMatchObject({ voters: 3, healthy: 3, quorum: 2, spare: 1 });
  expect(await outputOf(lab, 'm1', 'pgrep -x kube-apiserver')).toBe(apiserver);
});

test('up again changes nothing', async () => {
  expect(JSON.parse(await trivetOk('up', '-f', file, '-y', '-o', 'json'))).toMatchObject({ changed: 0 });
  expect(JSON.parse(await trivetOk('plan', '-f', file, '-o', 'json'))).toEqual({ steps: [] });
});

test('kubelets on masters talk to their own apiserver, on workers to the endpoint', async () => {
  expect(await outputOf(lab, 'm2', "grep -o 'server: .*' /etc/kubernetes/kubelet.conf")).toBe('server: https://192.0.2.12:6443');
  expect(await outputOf(lab, 'w1', "grep -o 'server: .*' /etc/kubernetes/kubelet.conf")).toBe(
    'server: https://apiserver.cluster.local:6443',
  );
});

test('no token and no key is left on a machine, in a receipt or in a log', async () => {
  const secret = '[a-z0-9]{6}\\.[a-z0-9]{16}|[0-9a-f]{64}';
  for (const machine of all) {
    const found = await onMachine(
      lab,
      machine,
      `ls /run/trivet/*.yaml /run/trivet/*.stdin 2>/dev/null; grep -rhoE 'token [a-z0-9]{6}\\.[a-z0-9]{16}|certificateKey: *[0-9a-f]{64}|certificate-key [0-9a-f]{64}' /var/log/trivet /var/lib/trivet`,
    );
    expect(found.stdout).toBe('');
  }
  const logs = join(stateDirectory(), 'logs');
  for (const name of (await readdir(logs)).filter((entry) => entry.startsWith(`${lab}-`))) {
    const lines = (await readFile(join(logs, name), 'utf8')).split('\n').filter((line) => !line.includes('"sha256"'));
    expect(lines.filter((line) => new RegExp(`(token|[kK]ey)\\W{1,4}(${secret})`).test(line))).toEqual([]);
  }
});

test('a second operator is refused while one works', async () => {
  await onMachine(lab, 'm1', 'mkdir -p /run/trivet');
  const [first, second] = await Promise.all([trivet(['up', '-f', file, '-y']), delay(1500).then(() => trivet(['up', '-f', file, '-y']))]);
  const codes = [first.code, second.code].sort();
  // Where the first was done before the second asked, both succeed: then the lock was free again.
  if (codes[1] !== 0) expect(`${first.stderr}${second.stderr}`).toContain('error LOCKED');
  const holder = onMachine(lab, 'm1', 'exec 9> /run/trivet/operator.lock; flock 9; echo $$ > /run/holder; exec sleep 100', 120);
  await until('the lock is taken', 10, async () => (await onMachine(lab, 'm1', 'test -s /run/holder')).code === 0);
  const refused = await trivet(['up', '-f', file, '-y']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('error LOCKED');
  await outputOf(lab, 'm1', 'kill $(cat /run/holder)');
  await holder;
});

test('pods on different machines reach each other with their own addresses, and names resolve', async () => {
  const manifest = Buffer.from(JSON.stringify(hello)).toString('base64');
  await outputOf(lab, 'm1', `echo ${manifest} | base64 -d | ${admin} apply -f -`);
  await until(
    'four copies of hello',
    90,
    async () => (await outputOf(lab, 'm1', `${admin} get daemonset hello -o jsonpath={.status.numberReady}`)) === '4',
  );
  const addresses = (await outputOf(lab, 'm1', `${admin} get pods -l app=hello -o jsonpath='{.items[*].status.podIP}'`)).split(' ');
  for (const machine of all) {
    for (const address of addresses) expect((await onMachine(lab, machine, `curl -sf -m 3 http://${address}:8080/`)).code).toBe(0);
  }
  const clusterIp = await outputOf(lab, 'm1', `${admin} get service hello -o jsonpath={.spec.clusterIP}`);
  expect((await onMachine(lab, 'w1', `curl -sf -m 3 http://${clusterIp}/`)).code).toBe(0);
  const dns = await outputOf(lab, 'm1', `${admin} -n kube-system get service kube-dns -o jsonpath={.spec.clusterIP}`);
  // perl is the only resolver on a minimal machine: one UDP question for hello.default.svc.cluster.local.
  const ask = `perl -MSocket -e 'socket(S,AF_INET,SOCK_DGRAM,17);my $n=join("",map{chr(length).$_}split/\\./,"hello.default.svc.cluster.local");send(S,pack("nnnnnn",7,256,1,0,0,0).$n."\\0".pack("nn",1,1),0,sockaddr_in(53,inet_aton("${dns}")));vec($r,fileno(S),1)=1;select($r,undef,undef,3) or exit 1;recv(S,$b,512,0);print join(".",unpack("C4",substr($b,-4)))'`;
  await until('CoreDNS answers', 60, async () => (await outputOf(lab, 'w1', ask)) === clusterIp);
});

test('power-off of the VIP’s holder: the API comes back, no acknowledged write is lost, the machine heals', async () => {
  const holder = await theHolder();
  const watched = await underProbes(15, async () => {
    await delay(2000);
    await powerOff({ lab, machine: holder, emit });
  });
  expect(watched.gap('new connections')).toBeLessThan(10_000);
  expect(watched.gap('writes')).toBeLessThan(10_000);
  expect(watched.writes.acknowledged).toBeGreaterThan(50);
  expect(watched.writes.lost).toEqual([]);
  console.log(
    `power-off of ${holder}: /livez silent for ${watched.gap('new connections').toFixed(0)} ms, writes for ${watched.gap('writes').toFixed(0)} ms`,
  );
  await powerOn({ lab, machine: holder, emit });
  await healthy();
  expect(await vipHolders(lab, masters)).toHaveLength(1);
  // Its routes came back with the boot.
  const address = await outputOf(lab, 'm1', `${admin} get pods -l app=hello -o jsonpath='{.items[?(@.spec.nodeName=="w1")].status.podIP}'`);
  await until(
    'the pod network after the boot',
    60,
    async () => (await onMachine(lab, holder, `curl -sf -m 2 http://${address.split(' ')[0]}:8080/`)).code === 0,
  );
});

test('the VIP leaves a master whose apiserver is frozen, and one whose apiserver is dead', async () => {
  const frozen = await theHolder();
  await outputOf(lab, frozen, 'kill -STOP $(pgrep -x kube-apiserver)');
  const seconds = await until('the VIP leaves', 10, async () => !(await vipHolders(lab, [frozen])).includes(frozen), 100);
  await outputOf(lab, frozen, 'kill -CONT $(pgrep -x kube-apiserver)');
  console.log(`apiserver frozen on ${frozen}: VIP gone after ${seconds.toFixed(1)} s`);
  await healthy();
  const dead = await theHolder();
  await outputOf(lab, dead, 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/ && kill -9 $(pgrep -x kube-apiserver)');
  const gone = await until('the VIP leaves', 10, async () => !(await vipHolders(lab, [dead])).includes(dead), 100);
  await outputOf(lab, dead, 'mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/');
  console.log(`apiserver dead on ${dead}: VIP gone after ${gone.toFixed(1)} s`);
  await healthy();
});

test('the VIP leaves a master whose kubelet is dead, stays through a kubelet restart, and stays when all kubelets are dead', async () => {
  const first = await theHolder();
  await outputOf(lab, first, 'systemctl restart kubelet');
  await delay(6000);
  expect(await vipHolders(lab, masters)).toEqual([first]);
  await outputOf(lab, first, 'systemctl stop kubelet');
  const seconds = await until('the VIP leaves', 10, async () => !(await vipHolders(lab, [first])).includes(first), 100);
  console.log(`kubelet dead on ${first}: VIP gone after ${seconds.toFixed(1)} s`);
  for (const machine of masters) await outputOf(lab, machine, 'systemctl stop kubelet');
  const watched = await underProbes(12, async () => delay(8000));
  // The probes begin when all kubelets are dead: the address may move once more, but must not be lost.
  expect(watched.gap('new connections')).toBeLessThan(5000);
  expect(await vipHolders(lab, masters)).toHaveLength(1);
  for (const machine of masters) await outputOf(lab, machine, 'systemctl start kubelet');
  await healthy();
});

test('the VIP stays up when etcd has lost its quorum', async () => {
  const holder = await theHolder();
  const others = masters.filter((machine) => machine !== holder);
  for (const machine of others) await outputOf(lab, machine, 'kill -STOP $(pgrep -x etcd)');
  await delay(8000);
  expect(await vipHolders(lab, masters)).toEqual([holder]);
  // It serves what needs no etcd.
  expect(
    (await runInLab(lab, ['curl', '-sk', '-m', '2', '-o', '/dev/null', '-w', '%{http_code}', 'https://192.0.2.100:6443/version'])).stdout,
  ).toBe('200');
  for (const machine of others) await outputOf(lab, machine, 'kill -CONT $(pgrep -x etcd)');
  await healthy();
});

test('with preempt the VIP goes back to the first master; without it stays where it is', async () => {
  const preempting = join(labDirectories(lab).directory, 'preempt.yaml');
  writeFileSync(
    preempting,
    (await readFile(file, 'utf8')).replace('scheme: vip-on-masters', 'scheme: {kind: vip-on-masters, preempt: true}'),
  );
  await trivetOk('up', '-f', preempting, '-y');
  await until('the VIP on m1', 20, async () => (await vipHolders(lab, masters)).join() === 'm1');
  await outputOf(lab, 'm1', 'systemctl stop keepalived');
  await until('the VIP elsewhere', 10, async () => !(await vipHolders(lab, masters)).includes('m1'));
  await outputOf(lab, 'm1', 'systemctl start keepalived');
  await until('the VIP back on m1', 20, async () => (await vipHolders(lab, masters)).join() === 'm1');
  await trivetOk('up', '-f', file, '-y');
  await outputOf(lab, 'm1', 'systemctl stop keepalived');
  await until('the VIP elsewhere', 10, async () => !(await vipHolders(lab, masters)).includes('m1'));
  await outputOf(lab, 'm1', 'systemctl start keepalived');
  await delay(5000);
  expect(await vipHolders(lab, masters)).not.toContain('m1');
  await healthy();
});

drillSuite({ step: (what, work) => test(what, work), cluster: () => ({ lab: machines, file }) });

test('reset removes what the receipts name, proves it, and a following plan is the plan of bare machines', async () => {
  const before = await trivet(['reset', '-f', file]);
  expect(before.stderr).toContain('CONFIRMATION');
  await trivetOk('reset', '-f', file, '-y');
  for (const machine of all) {
    const left = await onMachine(
      lab,
      machine,
      'ls -d /etc/kubernetes /var/lib/trivet /opt/trivet /usr/local/bin/kubelet /etc/containerd /etc/keepalived /etc/systemd/system/kubelet.service /etc/cni /opt/cni 2>/dev/null; grep -l trivet /etc/hosts; pgrep -x "kubelet|containerd|keepalived|etcd|kube-apiserver"; ls -A /var/lib/etcd /var/lib/kubelet | grep -v :; dpkg -l containerd keepalived 2>/dev/null | grep ^ii',
    );
    expect(
      left.stdout
        .trim()
        .replace(/^\/var\/lib.*$/gm, '')
        .trim(),
    ).toBe('');
  }
  const again = await trivet(['reset', '-f', file, '-y']);
  expect(again.stdout).toContain('nothing to remove');
  const plan = JSON.parse(await trivetOk('plan', '-f', file, '-o', 'json'));
  expect(plan.steps.map((step: { id: string }) => step.id)).toContain('first-master/kubeadm-init');
});

/** A copy on every machine, masters too, and a service in front. */
const labels = { app: 'hello' };
const hello = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'hello' },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'hello',
                image: 'trivet.dev/hello:v1',
                readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello' }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
  ],
};

async function theHolder(): Promise<string> {
  let found: readonly string[] = [];
  await until('one holder of the VIP', 30, async () => {
    found = await vipHolders(lab, masters);
    return found.length === 1;
  });
  return found[0] ?? '';
}

async function healthy(): Promise<void> {
  await until(
    'trivet status is healthy',
    180,
    async () => (await trivet(['status', '-f', file], { env: { TRIVET_TEST_QUIET: '1' } })).code === 0,
    2000,
  );
}

/** Runs `fault` while clients make new connections and write; reads the acknowledged writes back afterwards. */
async function underProbes(seconds: number, fault: () => Promise<void>) {
  const access = readKubeconfig(await trivetOk('kubeconfig', '-f', file));
  const namespace = 'trivet-probes';
  await outputOf(lab, 'm1', `${admin} create namespace ${namespace} --dry-run=client -o yaml | ${admin} apply -f -`);
  const run = `t${Date.now().toString(36)}`;
  const probes: RunningProbes = startProbes(
    {
      from: 'switch',
      api: { endpoints: [{ address: '192.0.2.100', port: 6443 }], ca: access.ca, cert: access.cert, key: access.key.reveal() },
      probes: ['new connections', 'writes'],
      everyMs: 50,
      timeoutMs: 1000,
      maximumSeconds: 120,
      namespace,
      run,
    },
    enterLab(lab, []),
  );
  const of = (probe: string): readonly ProbeEvent[] => probes.events.filter((event) => event.probe === probe);
  await until('service for the probes', 30, async () => of('writes').filter((event) => event.ok).length > 10);
  const startMs = monotonicMs();
  const end = delay(seconds * 1000);
  await fault();
  await end;
  const window = { startMs, endMs: monotonicMs() };
  await probes.stop();
  let there = new Set<number>();
  await until('reading the writes back', 60, async () => {
    const numbers = await outputOf(lab, 'w1', 'true').then(() =>
      onAnyMaster(`${admin} -n ${namespace} get configmaps -l trivet.dev/probe-run=${run} -o jsonpath='{.items[*].data.number}'`),
    );
    there = new Set(numbers.split(' ').map(Number));
    return true;
  });
  return { gap: (probe: string) => longestGap(of(probe), window).lengthMs, writes: judgeWrites(of('writes'), there) };
}

async function onAnyMaster(command: string): Promise<string> {
  for (const machine of masters) {
    const result = await onMachine(lab, machine, command, 20).catch(() => undefined);
    if (result?.code === 0) return result.stdout.trim();
  }
  throw new Error(`no master answers: ${command}`);
}
