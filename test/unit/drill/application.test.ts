import { describe, expect, it } from 'vitest';
import { clusterDns } from '../../../src/drill/application/cluster-dns.ts';
import type { Application } from '../../../src/drill/application/exercise.ts';
import { installApplication } from '../../../src/drill/application/install-application.ts';
import type { ClusterStatus } from '../../../src/status/cluster-status.ts';
import { type SimulatedCluster, type SimulatedPod, simulatedCluster } from './simulated-cluster.ts';

const never = new AbortController().signal;

/** By the simulated cluster's own time: each request takes 50 ms of it, so that a busy box changes nothing. */
function patience({ asked }: SimulatedCluster) {
  return { limitSeconds: 2, pauseMs: 1, nowMs: () => asked.length * 50 };
}

/** On a busy box. */
const loaded = { timeout: 60_000 };
const namespace = 'trivet-drill-app-d1';
const status: ClusterStatus = {
  cluster: 'test',
  scheme: 'local-care',
  healthy: true,
  problems: [],
  endpoint: { address: '192.0.2.1', port: 6443, keptBy: 'every-node', holders: [], answers: [], asked: 0 },
  machines: [],
  etcd: { topology: 'stacked', members: [], voters: 3, healthy: 3, quorum: 2, spare: 1 },
  leaders: [],
};

function install(cluster: SimulatedCluster, signal = never): Promise<Application> {
  return installApplication({ client: cluster.client, status, id: 'd1', signal }, patience(cluster));
}

function other(changes: Partial<SimulatedPod> & Pick<SimulatedPod, 'name' | 'node'>): SimulatedPod {
  return { namespace: 'kube-system', uid: changes.name, image: 'x:1', owner: 'ReplicaSet', going: false, ready: true, ...changes };
}

const of = (cluster: SimulatedCluster) => cluster.pods.filter((pod) => pod.namespace === namespace && !pod.going);
const cordonedNodes = (cluster: SimulatedCluster) => cluster.nodes.filter(({ unschedulable }) => unschedulable).map(({ name }) => name);

describe('installApplication', loaded, () => {
  it('waits until two copies serve, and tells where; remove leaves nothing, and may be called twice', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    expect(application).toMatchObject({ nodePort: 31000, clusterIp: '10.96.0.77' });
    expect(of(cluster).map(({ ready, node }) => [ready, node])).toEqual([
      [true, 'w1'],
      [true, 'w2'],
    ]);
    await application.remove();
    await application.remove();
    expect([...cluster.namespaces.keys()]).toEqual([]);
    expect(of(cluster)).toEqual([]);
  });

  it('refuses beforehand, with each node, when the image is not there; not where the kubelet tells of no more than fifty', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const [worker1, worker2] = cluster.nodes.slice(3);
    if (worker1 === undefined || worker2 === undefined) throw new Error('workers');
    worker1.images = ['trivet.dev/hello:v1'];
    worker2.images = Array.from({ length: 50 }, (_, index) => `large:${index}`);
    await expect(install(cluster)).rejects.toMatchObject({
      code: 'DRILL_EXERCISE',
      findings: ['w1 lacks trivet.dev/hello:v2'],
      remedy: expect.stringContaining('images import'),
    });
    expect(cluster.asked.filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  it('refuses when no node may run it', async () => {
    const cluster = simulatedCluster({ masters: 1, workers: 1 });
    for (const node of cluster.nodes) node.ready = false;
    await expect(install(cluster)).rejects.toMatchObject({ findings: ['m1: not Ready', 'w1: not Ready'] });
  });

  it('leaves nothing behind when it does not come to serve, and says what the pods say', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 1 });
    cluster.faults.brokenImage = 'trivet.dev/hello:v1';
    await expect(install(cluster)).rejects.toMatchObject({
      code: 'DRILL_EXERCISE',
      message: expect.stringMatching(/2 copies of v1 serve: 0 of 2 .*on w1 \(Pending, ErrImagePull, not found\)/),
    });
    expect([...cluster.namespaces.keys()]).toEqual([]);
  });

  it('takes away what a killed drill left, a cordon included, but not a cordon of a person', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 3 });
    const [worker1, worker2] = cluster.nodes.slice(3);
    if (worker1 === undefined || worker2 === undefined) throw new Error('workers');
    Object.assign(worker1, { unschedulable: true, cordonedBy: 'd0' });
    worker2.unschedulable = true;
    cluster.namespaces.set('trivet-drill-app-d0', { labels: { 'trivet.dev/drill-application': 'd0' }, going: false });
    cluster.namespaces.set('default', { labels: {}, going: false });
    await install(cluster);
    expect(cordonedNodes(cluster)).toEqual(['w2']);
    expect([...cluster.namespaces.keys()]).toEqual(['default', namespace]);
  });

  it('goes on when apiservers do not answer or are busy; what is refused for good ends it at once', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 1 });
    cluster.faults.instead = { match: /./, times: 5, answer: 'unreachable' };
    await install(cluster);
    cluster.faults.instead = { match: /deployments/, times: 2, answer: { status: 503, body: { message: 'etcd leader changed' } } };
    const application = await install(cluster);
    cluster.faults.instead = { match: /deployments/, times: 99, answer: { status: 403, body: { message: 'forbidden' } } };
    await expect(application.exercise('scale', never)).rejects.toMatchObject({
      message: expect.stringContaining('403: forbidden'),
      remedy: expect.stringContaining('cluster-admin'),
    });
    expect(cluster.faults.instead.times).toBe(98);
  });

  it('ends when it is stopped, and takes away what it has made', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 1 });
    cluster.faults.brokenImage = 'trivet.dev/hello:v1';
    await expect(install(cluster, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const stop = new AbortController();
    const request: typeof cluster.client.request = (asked) => {
      if (asked.path.includes('/deployments/')) setImmediate(() => stop.abort());
      return cluster.client.request(asked);
    };
    await expect(install({ ...cluster, client: { ...cluster.client, request } }, stop.signal)).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect([...cluster.namespaces.keys()]).toEqual([]);
  });
});

describe('scale', loaded, () => {
  it('reaches six and two copies again', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    expect(await application.exercise('scale', never)).toMatch(/^scaled from 2 to 6 copies in \d+\.\d s, and back to 2 in \d+\.\d s$/);
    expect(of(cluster)).toHaveLength(2);
  });

  it('says what there was instead after its limit; a time limit of the whole exercise is one too', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 1 });
    const application = await install(cluster);
    cluster.faults.brokenImage = 'trivet.dev/hello:v1';
    await expect(application.exercise('scale', never)).rejects.toMatchObject({
      code: 'DRILL_EXERCISE',
      message: expect.stringMatching(/6 copies of v1 serve: 2 of 6 copies serve v1, 6 are there/),
    });
    await expect(application.exercise('scale', AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'DRILL_EXERCISE' });
    await application.remove();
    expect(cluster.namespaces.size).toBe(0);
  });
});

describe('rolling-update', loaded, () => {
  it('replaces all copies and asks each of them; a second one goes back', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    expect(await application.exercise('rolling-update', never)).toMatch(/^updated 2 copies from v1 to v2, .* each of them answers v2$/);
    expect(of(cluster).map(({ image }) => image)).toEqual(['trivet.dev/hello:v2', 'trivet.dev/hello:v2']);
    expect(cluster.asked.filter((line) => line.includes('/proxy/'))).toHaveLength(2);
    expect(await application.exercise('rolling-update', never)).toContain('from v2 to v1');
  });

  it('fails when the new version does not start, the old one serving on', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    cluster.faults.brokenImage = 'trivet.dev/hello:v2';
    await expect(application.exercise('rolling-update', never)).rejects.toMatchObject({
      message: expect.stringContaining('2 copies of v2 serve: 0 of 2 copies serve v2, 3 are there'),
    });
    expect(of(cluster).filter(({ ready }) => ready)).toHaveLength(2);
  });

  it('fails when a copy answers the old version', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    cluster.faults.says = 'v1';
    await expect(application.exercise('rolling-update', never)).rejects.toMatchObject({
      message: expect.stringMatching(/answers v2: it says “hello v1 from hello-\d+”/),
    });
  });
});

describe('self-healing', loaded, () => {
  it('deletes one pod by force and waits for another in its place', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    const before = of(cluster).map(({ uid }) => uid);
    expect(await application.exercise('self-healing', never)).toMatch(
      /^deleted the pod hello-1 on w1 by force; all 2 copies served again after/,
    );
    expect(of(cluster).filter(({ uid }) => before.includes(uid))).toHaveLength(1);
  });

  it('fails when no other comes to serve', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    cluster.faults.brokenImage = 'trivet.dev/hello:v1';
    await expect(application.exercise('self-healing', never)).rejects.toMatchObject({
      message: expect.stringContaining('another copy serves in the place of hello-1: 1 of 2 copies serve v1'),
    });
  });
});

describe('node-drain', loaded, () => {
  it('empties a worker of what may be evicted, leaves in place what would be lost, and opens it again', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    const kept = [
      other({ name: 'proxy', node: 'w1', owner: 'DaemonSet' }),
      other({ name: 'bare', node: 'w1', owner: 'none' }),
      other({ name: 'metrics', node: 'w1', emptyDir: true }),
      other({ name: 'bare2', node: 'w2', owner: 'none' }),
      other({ name: 'bare3', node: 'w2', owner: 'none' }),
      other({ name: 'bare4', node: 'w2', owner: 'none' }),
    ];
    cluster.pods.push(...kept, other({ name: 'coredns', node: 'w1' }));
    const words = await application.exercise('node-drain', never);
    expect(words).toMatch(/^drained w1 in .*: 2 pods evicted, .*left in place, .*: kube-system\/bare, kube-system\/metrics; uncordoned/);
    expect(of(cluster).map(({ node }) => node)).toEqual(['w2', 'w2']);
    expect(cluster.pods.map(({ name }) => name)).not.toContain('coredns');
    expect(cluster.pods).toEqual(expect.arrayContaining(kept));
    expect(cordonedNodes(cluster)).toEqual([]);
  });

  it('with one worker, the copies go to masters', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 1 });
    const application = await install(cluster);
    expect(of(cluster).map(({ node }) => node)).toEqual(['w1', 'w1']);
    await application.exercise('node-drain', never);
    expect(of(cluster).every(({ node }) => node?.startsWith('m'))).toBe(true);
  });

  it('never cordons the last node that may be used', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 1 });
    const application = await install(cluster);
    for (const node of cluster.nodes) if (node.master) node.ready = false;
    await expect(application.exercise('node-drain', never)).rejects.toMatchObject({
      message: 'no node can be drained: its pods would have nowhere to go',
      findings: ['m1: not Ready', 'm2: not Ready', 'm3: not Ready', 'w1: may be used'],
    });
    expect(cluster.asked.filter((line) => line.startsWith('PATCH /api/v1/nodes'))).toEqual([]);
  });

  it('says which budget holds it up; remove opens the node again', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    cluster.pods.push(other({ name: 'database', node: 'w1' }));
    cluster.faults.protectedPod = 'database';
    await expect(application.exercise('node-drain', never)).rejects.toMatchObject({
      code: 'DRILL_EXERCISE',
      message: expect.stringContaining('kube-system/database may not be evicted (simulated 429)'),
      remedy: expect.stringContaining('poddisruptionbudgets'),
    });
    expect(cordonedNodes(cluster)).toEqual(['w1']);
    await application.remove();
    expect(cordonedNodes(cluster)).toEqual([]);
    expect(cluster.namespaces.size).toBe(0);
  });

  it('remove says what is left and how to undo it by hand, and goes on with the rest', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    cluster.pods.push(other({ name: 'database', node: 'w1' }));
    cluster.faults.protectedPod = 'database';
    await expect(application.exercise('node-drain', never)).rejects.toThrow();
    cluster.faults.namespaceStays = true;
    await expect(application.remove()).rejects.toMatchObject({
      code: 'DRILL_EXERCISE',
      findings: [expect.stringContaining(`the namespace ${namespace} is gone: it is still being deleted`)],
      remedy: expect.stringContaining(`kubectl delete namespace ${namespace}`),
    });
    expect(cordonedNodes(cluster)).toEqual([]);
  });

  it('a cordon whose answer was lost is undone too', async () => {
    const cluster = simulatedCluster({ masters: 3, workers: 2 });
    const application = await install(cluster);
    cluster.faults.instead = { match: /PATCH \/api\/v1\/nodes/, times: 999, answer: 'unreachable' };
    await expect(application.exercise('node-drain', never)).rejects.toMatchObject({
      message: expect.stringContaining('the API cordons w1: no apiserver answers'),
    });
    const [worker] = cluster.nodes.slice(3);
    if (worker === undefined) throw new Error('worker');
    Object.assign(worker, { unschedulable: true, cordonedBy: 'd1' });
    cluster.faults.instead.times = 0;
    await application.remove();
    expect(cordonedNodes(cluster)).toEqual([]);
  });
});

describe('clusterDns', loaded, () => {
  it('gives the Service’s address and a name with its domain, and refuses where there is none', async () => {
    const cluster = simulatedCluster({ masters: 1, workers: 1 });
    const answer = { status: 200, body: { spec: { clusterIP: '10.96.0.10' } } };
    cluster.faults.instead = { match: /kube-dns/, times: 1, answer };
    expect(await clusterDns(cluster.client, { domain: 'example.local', signal: never })).toEqual({
      server: '10.96.0.10',
      name: 'kubernetes.default.svc.example.local',
    });
    cluster.faults.instead = { match: /kube-dns/, times: 1, answer: { status: 200, body: { spec: {} } } };
    await expect(clusterDns(cluster.client, { domain: 'x', signal: never })).rejects.toMatchObject({ code: 'DRILL_EXERCISE' });
  });
});
