import { describe, expect, it } from 'vitest';
import { readKubeconfig } from './kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const adminConf = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64('CA')}
    server: https://apiserver.cluster.local:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
users:
- name: kubernetes-admin
  user:
    client-certificate-data: ${base64('CERT')}
    client-key-data: ${base64('KEY')}
`;

describe('readKubeconfig', () => {
  it("reads kubeadm's admin.conf and keeps the key secret", () => {
    const access = readKubeconfig(adminConf);
    expect(access).toMatchObject({ servers: ['https://apiserver.cluster.local:6443'], ca: 'CA', cert: 'CERT' });
    expect(access.key.reveal()).toBe('KEY');
    expect(JSON.stringify(access)).not.toContain('KEY');
  });

  it('says what is missing without quoting the file', () => {
    const broken = adminConf.replace(/client-key-data: .*/, 'token: abc');
    expect(() => readKubeconfig(broken)).toThrowError(
      expect.objectContaining({ code: 'KUBERNETES', findings: [expect.stringContaining('users.0.user.client-key-data')] }),
    );
    expect(() => readKubeconfig(`{ ${base64('KEY')}: [`)).toThrowError(expect.objectContaining({ message: 'the kubeconfig is not YAML' }));
  });

  it('refuses a current context that is not there', () => {
    expect(() => readKubeconfig(adminConf.replace('current-context: kubernetes-admin@kubernetes', 'current-context: other'))).toThrowError(
      'names a cluster or user that it lacks',
    );
  });
});
