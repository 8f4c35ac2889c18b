/** The flags that stand for a cluster file, by the names that sealos gave them. */

export interface SpecFlags {
  /** --master, repeated: addresses, comma lists, ranges. Their names become master-1, master-2, … */
  readonly masters: readonly string[];
  /** --node, the same. Their names become node-1, node-2, … */
  readonly nodes: readonly string[];
  /** --lb, the same: balancers of external-pair. Their names become lb-1, lb-2, … */
  readonly lbs?: readonly string[] | undefined;
  /** --scheme: KIND, KIND/PROXY or local-care/BACKEND; default vip-on-masters with --vip, else local-care. */
  readonly scheme?: string | undefined;
  /** --name; default kubernetes. */
  readonly name?: string | undefined;
  /** --user; default root. */
  readonly user?: string | undefined;
  /** --port: of sshd. */
  readonly port?: string | undefined;
  /** --pk: private key file. */
  readonly pk?: string | undefined;
  readonly knownHosts?: string | undefined;
  /** --passwd-file: its first line is the password. */
  readonly passwdFile?: string | undefined;
  /** --passwd-env: the variable that holds the password. */
  readonly passwdEnv?: string | undefined;
  /** --ask-passwd. */
  readonly passwdPrompt?: boolean | undefined;
  /** --vip; without it local-care keeps 10.103.97.2 on every node. */
  readonly vip?: string | undefined;
  /** --version, with its v. */
  readonly version?: string | undefined;
  /** --pkg: an offline bundle. */
  readonly pkg?: string | undefined;
  /** --kubeadm-config: a file of kubeadm documents. */
  readonly kubeadmConfig?: string | undefined;
  /** --interface: carries the VIP. */
  readonly interface?: string | undefined;
  readonly lab?: string | undefined;
  /** --runtime: only containerd. */
  readonly runtime?: string | undefined;
}
