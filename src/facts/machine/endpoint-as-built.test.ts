/** What a master's files tell of the endpoint, on captured output. */

import { describe, expect, test } from 'vitest';
import { endpointAsBuilt } from './endpoint-as-built.ts';

const parse = (sections: Readonly<Record<string, string>>) =>
  endpointAsBuilt('192.0.2.12').parse({
    code: 0,
    stdout: Object.entries(sections)
      .map(([name, text]) => `\n==section ${name}\n${text}\n`)
      .join(''),
    stderr: '',
  });

/** Of a master that joined a cluster with local-proxy. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIDujCCAqKgAwIBAgIIVkp/DasLWNAwDQYJKoZIhvcNAQELBQAwFTETMBEGA1UE
AxMKa3ViZXJuZXRlczAeFw0yNjExMjExMDM1NDBaFw0yNzExMjExMDQwNDBaMBkx
FzAVBgNVBAMTDmt1YmUtYXBpc2VydmVyMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAm21unwqsPi+7jgPu1aC3T2/Hxa798WUvSWXtnhx71oSLQuvxXMKy
xI+j0owTFz9h6h1ZvBPLbnLPk2jFh2LuMfBALgiO983jgRDTV//H8vWlJT02suzN
RwGbGra4O2aJhmTh16UVpJBcpLMrLe9HLoJsX8M+U+hznaU6j7qYM0vYWI2YhBDR
au2gDmMfqbRhzr1cVex7nnNDq7o7RXTjzQSEnqeALodSt49I/TvT9E/02UHJsmST
SiSpBSxNDgWvNcHnrfXT0sI94zsSBKiFwzFoZVVQne38WFfaxGxyBPA6kxvAFtUC
vupS0JpUOz4HT6yv5+jIuzZ+kMB1eYsSWQIDAQABo4IBCDCCAQQwDgYDVR0PAQH/
BAQDAgWgMBMGA1UdJQQMMAoGCCsGAQUFBwMBMAwGA1UdEwEB/wQCMAAwHwYDVR0j
BBgwFoAUwD8OyUHQBwuyLu5V7S2SIjQYLm4wga0GA1UdEQSBpTCBooIXYXBpc2Vy
dmVyLmNsdXN0ZXIubG9jYWyCCmt1YmVybmV0ZXOCEmt1YmVybmV0ZXMuZGVmYXVs
dIIWa3ViZXJuZXRlcy5kZWZhdWx0LnN2Y4Ika3ViZXJuZXRlcy5kZWZhdWx0LnN2
Yy5jbHVzdGVyLmxvY2Fsgglsb2NhbGhvc3SCAm0xggJtMocECmAAAYcEwAACDIcE
fwAAAYcEwAACCzANBgkqhkiG9w0BAQsFAAOCAQEAGbuxPFwlyx3eaW1rGEMom5lz
3aI+HaRnu0HAn8VZI2e2ExL26qNjZ5fkit4KYYFYAO+34ip1ZhcS2Vs8QqSa81RD
s01EH752dPJAOrLio5yOwZ1kWrRXl6bEEYwDabyUmPs3Znerx1Ocx5wPShYn4HYy
ghC6WA/ESOuHQXCeaDsOkQwWloKsPO3goyF9PfRhbSfiO/uPAPlKlOChNVROave3
SdJR4yyPSEbUWh79GBfbxqvu6FaniZaBBUcW2eM5bETx7hDHKgPCtStgxOiRkwse
Z0BvAM66oZZk4IulDlVZFOuO7KInmjUZoT56N2Ek8jhhSjVoSsyy0YSEr3XYFA==
-----END CERTIFICATE-----
`;

describe('endpointAsBuilt', () => {
  test('a master of local-proxy', () => {
    const built = parse({
      scheme: 'local-proxy/haproxy',
      server: '    server: https://apiserver.cluster.local:6443',
      bind: '--bind-address=192.0.2.12',
      certificate,
      serves: '200',
    });
    expect(built).toMatchObject({
      scheme: 'local-proxy/haproxy',
      server: { host: 'apiserver.cluster.local', port: 6443 },
      bindAddress: '192.0.2.12',
      serves: true,
    });
    expect(built.certificate?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(built.certificate?.names).toEqual(expect.arrayContaining(['apiserver.cluster.local', 'm2', '127.0.0.1', '192.0.2.12']));
  });

  test('a bare machine', () => {
    expect(parse({ scheme: '', server: '', bind: '', certificate: '', serves: '000' })).toEqual({
      scheme: undefined,
      server: undefined,
      bindAddress: undefined,
      certificate: undefined,
      serves: false,
    });
  });

  test.each(['0.0.0.0', '::'])('an apiserver on %s listens on all addresses', (address) => {
    expect(parse({ bind: `--bind-address=${address}` }).bindAddress).toBeUndefined();
  });

  test.each([
    ['403', true],
    ['401', true],
    ['500', false],
  ])('an apiserver that answers %s', (status, serves) => {
    expect(parse({ serves: status }).serves).toBe(serves);
  });

  test('a file that is no certificate is none', () => {
    expect(parse({ certificate: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----' }).certificate).toBeUndefined();
  });
});
