/** containerd's config.toml: version 2, which 1.6 to 2.x all read. */

export interface ContainerdInput {
  readonly sandboxImage: string;
  /** False where the kernel has no AppArmor: containerd would try to load a profile. */
  readonly appArmor: boolean;
  /** True inside a container: lowering oom_score_adj is not allowed there. */
  readonly insideContainer: boolean;
}

export function containerdConfig({ sandboxImage, appArmor, insideContainer }: ContainerdInput): string {
  return `# Written by trivet.
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  # The same image as in the bundle and as kubeadm's, so that a node without a registry starts pods.
  sandbox_image = "${sandboxImage}"
  disable_apparmor = ${!appArmor}
  restrict_oom_score_adj = ${insideContainer}

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  # One cgroup manager on the machine: systemd, for the kubelet and for runc.
  SystemdCgroup = true
`;
}
