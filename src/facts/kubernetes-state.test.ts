import { expect, test } from 'vitest';
import { kubernetesState } from './kubernetes-state.ts';

test('kubernetesState: a half-made master is begun, not completed', () => {
  const state = kubernetesState.parse({
    code: 2,
    stdout: '/etc/kubernetes/admin.conf\n/etc/kubernetes/manifests/kube-apiserver.yaml\n',
    stderr: "ls: cannot access '/var/lib/trivet/completed': No such file or directory\n",
  });
  expect(state).toMatchObject({ completed: false, begun: true, hasAdminKubeconfig: true, hasEtcdData: false });
});

test('kubernetesState: an empty machine has nothing', () => {
  expect(kubernetesState.parse({ code: 2, stdout: '', stderr: '' })).toMatchObject({ completed: false, begun: false });
});
