import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText } from '../../care/address.ts';
import type { CareSettings } from '../../care/settings.ts';
import { Failure } from '../../model/failure.ts';
import { careRequest } from './care-request.ts';
import { environmentName, flags } from './flags.ts';

const least = ['--vs', '10.103.97.2:6443', '--rs', '10.0.0.1:6443'];

function ask(args: readonly string[], environment: Readonly<Record<string, string>> = {}, files: Readonly<Record<string, string>> = {}) {
  return careRequest(args, {
    environment,
    readText: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
  });
}

function settingsOf(...more: readonly string[]): CareSettings {
  const request = ask([...least, ...more]);
  if (request.kind === 'help') throw new Error('help');
  return request.settings;
}

function problems(args: readonly string[], environment = {}, files = {}): string {
  try {
    ask(args, environment, files);
  } catch (error) {
    if (error instanceof Failure && error.code === 'USAGE') return [error.message, ...error.findings].join('\n');
    throw error;
  }
  return 'none';
}

describe('careRequest takes command lines of lvscare', () => {
  test('as seed 003 has it', () => {
    const words = '--vs 10.103.97.12:6443 --rs 127.0.0.1:8081 --rs 127.0.0.1:8082 --rs 127.0.0.1:8083 --health-path / --health-schem http';
    const request = ask(words.split(' '));
    expect(request).toMatchObject({
      kind: 'guard',
      settings: {
        check: { kind: 'http', method: 'GET', path: '/', caFile: undefined, statuses: undefined },
        mode: 'route',
        dataplane: 'auto',
      },
    });
    if (request.kind === 'help') throw new Error('help');
    expect(request.settings.backends.map(addressText)).toEqual(['127.0.0.1:8081', '127.0.0.1:8082', '127.0.0.1:8083']);
  });

  test('with a word after a flag that takes none, which lvscare overlooks', () => {
    const words = '--mode link --logger INFO --health-insecure-skip-verify true --health-status 401,500 --interval 2';
    const settings = settingsOf(...words.split(' '));
    expect(settings).toMatchObject({
      mode: 'link',
      logger: 'info',
      pace: { everyMs: 2000, checkEveryMs: 2000 },
      check: { skipVerify: true },
    });
    if (settings.check.kind === 'tcp') throw new Error('tcp');
    expect(
      [200, 399, 401, 403, 500, 404, 503].map((code) => settings.check.kind !== 'tcp' && settings.check.statuses?.includes(code)),
    ).toEqual([true, true, true, true, true, false, false]);
  });

  test('without --rs to clean, and clean before run-once', () => {
    expect(ask(['--vs', '169.254.0.1:80', '--logger', 'DEBG', '--mode', 'link', '-C', '--run-once'])).toMatchObject({
      kind: 'clean',
      settings: { backends: [], logger: 'debug' },
    });
  });

  test.each([
    ['--interval=5', { pace: { everyMs: 5000 } }],
    ['--interval=1m30s', { pace: { everyMs: 90_000 } }],
    ['--interval=0', { pace: { everyMs: 200, checkEveryMs: 1000 } }],
    ['--health-timeout=10s', { pace: { checkTimeoutMs: 10_000, timeoutMs: 150 } }],
    ['--health-timeout=50ms', { pace: { checkTimeoutMs: 50, timeoutMs: 50 } }],
    ['--health-path=healthz', { check: { path: '/healthz' } }],
    ['--health-req-method=head', { check: { method: 'HEAD' } }],
    ['--health-req-headers=Accept=text/plain,text/html', { check: { headers: { accept: 'text/plain,text/html' } } }],
    ['--health-req-headers=a=1,b="2,3"', { check: { headers: { a: '1', b: '2,3' } } }],
    ['--health-insecure-skip-verify=false', { check: { skipVerify: false, caFile: '/etc/kubernetes/pki/ca.crt' } }],
    ['--health-schem=tcp', { check: { kind: 'tcp' } }],
    ['-ilvs7', { interface: 'lvs7' }],
    ['--ip=10.0.0.9', { nodeIp: '10.0.0.9' }],
    ['--masqueradebit=14', { masqueradeBit: 14 }],
    ['--scheduler=WLC', { scheduler: 'wlc' }],
    ['--no-prefer-local', { preferLocal: false }],
    ['--discover', { discovery: { kubeconfig: '/etc/kubernetes/kubelet.conf', absentMs: 30_000 } }],
    ['--kubeconfig=/k', { discovery: { kubeconfig: '/k' } }],
    ['--metrics=127.0.0.1:9100', { metrics: { ip: '127.0.0.1', port: 9100 } }],
  ])('%s', (flag, expected) => {
    expect(settingsOf(flag)).toMatchObject(expected);
  });

  test('and where nothing is said asks apiservers without their etcd parts', () => {
    expect(settingsOf().check).toMatchObject({
      kind: 'https',
      path: '/readyz?exclude=etcd&exclude=etcd-readiness',
      pathOfReturn: '/readyz',
      skipVerify: false,
    });
    expect(settingsOf('--health-path', '/x').check).not.toHaveProperty('pathOfReturn');
    expect(settingsOf('--health-schem', 'http').check).toMatchObject({ path: '/healthz' });
  });
});

describe('careRequest puts sources together', () => {
  const file = JSON.stringify({
    vs: '10.1.0.1:1',
    rs: ['10.0.0.1:1', '10.0.0.2:1'],
    discover: true,
    'health-req-headers': { accept: 'a,b' },
    masqueradebit: 3,
  });

  test('flags before environment, environment before file, each flag as a whole', () => {
    const environment = {
      CARE_CONFIG: '/c.json',
      CARE_VS: '10.2.0.1:1',
      CARE_SERVICE_HOST: '10.9.9.9',
      CARE_HEALTH_PATH: '/x',
      CARE_NO_PREFER_LOCAL: 't',
    };
    expect(ask(['--vs', '10.3.0.1:1'], environment, { '/c.json': file })).toMatchObject({
      settings: {
        service: { ip: '10.3.0.1' },
        backends: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
        check: { path: '/x', headers: { accept: 'a,b' } },
        masqueradeBit: 3,
        preferLocal: false,
        discovery: { kubeconfig: '/etc/kubernetes/kubelet.conf' },
      },
    });
    expect(ask(['--rs', '10.0.0.7:1'], environment, { '/c.json': file })).toMatchObject({
      settings: { service: { ip: '10.2.0.1' }, backends: [{ ip: '10.0.0.7' }] },
    });
  });

  test('and writes them all as flags, which mean the same again', () => {
    const first = ask(['--config', '/c.json', '--print-unit'], { CARE_HEALTH_PATH: '/x y'.replace(' ', '%20') }, { '/c.json': file });
    if (first.kind !== 'print-unit') throw new Error(first.kind);
    expect(ask([...first.arguments, '--print-unit'])).toEqual({ ...first, arguments: first.arguments });
  });

  test.each([
    ['{"vss": "10.1.0.1:1"}', '/c.json: "vss" is not known; --vs is'],
    ['{"config": "/d"}', '/c.json: "config" is not known'],
    ['{"rs": [["a"]]}', '/c.json: "rs" cannot be [["a"]]'],
    ['{"vs": null}', '/c.json: "vs" cannot be null'],
    ['{"metrics": ["127.0.0.1:1", "127.0.0.1:2"]}', '/c.json: "metrics" cannot be'],
    ['[]', '/c.json: is not a JSON object'],
    ['vs: 1', '/c.json: is not JSON'],
    ['{"masqueradebit": 99}', '"masqueradebit" in /c.json: "99" is no number from 0 to 31'],
  ])('a file with %s is refused', (text, problem) => {
    expect(problems([...least, '--config', '/c.json'], {}, { '/c.json': text })).toContain(problem);
  });

  test('a file that cannot be read is refused', () => {
    expect(problems([...least, '--config', '/missing'])).toBe('--config: /missing cannot be read: no /missing');
  });
});

describe('careRequest refuses', () => {
  test.each([
    [['--rs', '10.0.0.1:1'], '--vs: is needed'],
    [['--vs', '10.0.0.1:1'], '--rs: is needed'],
    [['--vs', '10.0.0.1', '--rs', '10.0.0.2:1'], '--vs: "10.0.0.1" lacks its port: 10.0.0.1:6443'],
    [['--vs', 'fd00::1', '--rs', '[fd00::2]:1'], '--vs: "fd00::1" lacks its port: [fd00::1]:6443'],
    [['--vs', 'fd00:0:0:0:0:0:0:1:6443', '--rs', '[fd00::2]:1'], 'needs brackets: [IPv6]:PORT'],
    [['--vs', '[fe80::1%eth0]:1', '--rs', '[fd00::2]:1'], 'names a zone'],
    [['--vs', '0.0.0.0:1', '--rs', '10.0.0.2:1'], 'is not the address of one machine'],
    [['--vs', '10.0.0.1:0', '--rs', '10.0.0.2:70000'], '2 things are wrong'],
    [['--vs', '10.0.0.1:1', '--rs', '10.0.0.1:1'], "10.0.0.1:1 is the virtual server's own address"],
    [['--vs', '10.0.0.1:1', '--rs', '10.0.0.1:2'], "10.0.0.1:2 is the virtual server's own address"],
    [['--vs', '10.0.0.1:1', '--rs', '[fd00::1]:1'], '[fd00::1]:1 is IPv6, and --vs is IPv4'],
    [['--vs', '[fd00::9]:1', '--rs', '[fd00::1]:1,[FD00:0::1]:1'], '[fd00::1]:1 is given twice'],
    [['--vs', '127.0.0.1:1', '--rs', '10.0.0.1:1', '--backend', 'nft'], 'which only --backend proxy can serve'],
    [[...least, '--rs', 'master-1:6443'], '"master-1:6443" is a name; give the IP'],
    [[...least, '--rs'], '--rs needs a value: --rs IP:PORT'],
    [[...least, '--socket', '--discover'], '--socket needs a value: --socket FILE'],
    [[...least, '--sheduler', 'rr'], '--sheduler is not known; --scheduler is'],
    [[...least, '--scheduler', 'lcc'], '"lcc" is none of rr, lc, dh, sh, wrr, wlc; lc is meant, perhaps'],
    [[...least, '--backend', 'iptables'], '"iptables" is none of auto, nft, ipvs, proxy'],
    [[...least, '--interval', '5 minutes'], '--interval: "5 minutes" is no time from 20 ms to 3600 s'],
    [[...least, '--interval', '-1s'], '--interval: "-1s" is no time'],
    [[...least, '--health-timeout', '1e9h'], '--health-timeout'],
    [[...least, '--health-schem', 'ftp'], '"ftp" is none of https, http, tcp'],
    [[...least, '--health-schem', 'tcp', '--health-path', '/'], '--health-path: means nothing with --health-schem tcp'],
    [[...least, '--health-path', '/a b'], 'is no path'],
    [[...least, '--health-req-headers', 'a:b'], 'is not NAME=VALUE'],
    [[...least, '--health-req-headers', 'a=b\r\nHost: x'], 'holds what no header may hold'],
    [[...least, '--health-status', '20'], '"20" is no status code'],
    [[...least, '--health-insecure-skip-verify', 'false'], 'write --health-insecure-skip-verify=false'],
    [[...least, '--health-insecure-skip-verify=maybe'], '"maybe" is neither true nor false'],
    [[...least, '--iface', 'a-name-that-is-too-long'], "is no interface's name"],
    [[...least, '--ip', 'fd00::1'], 'fd00::1 is IPv6, and --vs is IPv4'],
    [[...least, '--ip', '10.103.97.2'], "is the virtual server's own address"],
    [[...least, '--metrics', '0.0.0.0:9100'], '0.0.0.0:9100 is not loopback'],
    [[...least, '--metrics', '10.0.0.1:9100'], '10.0.0.1:9100 is not loopback'],
    [[...least, '--socket', 'care.sock'], '"care.sock" is no absolute path'],
    [[...least, '--socket', `/${'s'.repeat(120)}`], 'is longer than'],
    [[...least, 'guard'], '"guard" is not a flag and belongs to none'],
  ])('%j', (args, problem) => {
    expect(problems(args)).toContain(problem);
  });

  test('with everything that is wrong at once', () => {
    expect(problems(['--vs', 'x', '--rs', 'y', '--mode', 'z', '--nonsense']).split('\n')).toHaveLength(5);
  });
});

test('careRequest answers whatever it is given with a request or a Failure USAGE', { timeout: 60_000 }, () => {
  const name = fc.constantFrom(...flags.map((flag) => flag.name));
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.nat(255).map((last) => `10.0.0.${last}:6443`),
    fc.nat(255).map((last) => `[fd00::${last}]:6443`),
    fc.constantFrom('', '__proto__=1', '1,,2', '-1', '9'.repeat(400), '0x10', '1e3', '%', '../..', '\0', '[::ffff:10.0.0.1]:1', 'true'),
  );
  const word = fc.oneof(
    fc.tuple(name, value).map(([flag, text]) => [`--${flag}=${text}`]),
    fc.tuple(name, value).map(([flag, text]) => [`--${flag}`, text]),
    value.map((text) => [text]),
  );
  const environment = fc.dictionary(name.map(environmentName), value, { maxKeys: 3 });
  fc.assert(
    fc.property(fc.constantFrom(least, []), fc.array(word, { maxLength: 4 }), environment, value, (first, words, variables, text) => {
      try {
        const request = careRequest([...first, ...words.flat()], { environment: variables, readText: () => text });
        if (request.kind === 'help') return;
        const { service, backends } = request.settings;
        expect(request.kind === 'clean' || backends.length > 0).toBe(true);
        expect(new Set(backends.map(addressText)).size).toBe(backends.length);
        for (const backend of backends) expect(backend.family).toBe(service.family);
        expect(backends.map(addressText)).not.toContain(addressText(service));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(error.code).toBe('USAGE');
      }
    }),
    { numRuns: 200 },
  );
});
