import { expect, test } from 'vitest';
import { machineIdentity } from './identity.ts';

/** A minimal Debian 13. */
const trixie = `
==section hostname
pf

==section machine-id
03cddbc86ef74a7bbbafe7698e94a92a

==section product-uuid

==section container
systemd-nspawn

==section os-release
PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
NAME="Debian GNU/Linux"
VERSION_ID="13"
VERSION="13 (trixie)"
VERSION_CODENAME=trixie
DEBIAN_VERSION_FULL=13.7
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"

==section machine
x86_64

==section init
systemd

==section programs
`;

function parse(stdout: string) {
  return machineIdentity.parse({ code: 0, stdout, stderr: '' });
}

test('machineIdentity: a minimal Debian 13 in a container', () => {
  expect(parse(trixie)).toEqual({
    hostname: 'pf',
    machineId: '03cddbc86ef74a7bbbafe7698e94a92a',
    productUuid: '',
    insideContainer: true,
    os: { id: 'debian', version: '13', codename: 'trixie', pretty: 'Debian GNU/Linux 13 (trixie)' },
    architecture: 'amd64',
    kernelMachine: 'x86_64',
    init: 'systemd',
    programs: new Set(),
  });
});

test('machineIdentity: os-release without quotes or with single ones, arm64, programs', () => {
  const identity = parse(
    "\n==section os-release\nID='rocky'\nVERSION_ID=9.4\n\n==section machine\naarch64\n\n==section programs\nkubectl\nip\n",
  );
  expect(identity.os).toEqual({ id: 'rocky', version: '9.4', codename: '', pretty: '' });
  expect(identity.architecture).toBe('arm64');
  expect([...identity.programs]).toEqual(['kubectl', 'ip']);
});

test('machineIdentity: nothing known of a machine that printed nothing', () => {
  expect(parse('')).toMatchObject({ hostname: '', architecture: undefined, init: '' });
});
