/** An offline bundle as the phases see it: a verified directory on the operator's disk and its manifest. */

export type BundlePart = 'binary' | 'image' | 'package';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  /** Names of the packages of this bundle that it depends on. */
  readonly needs: readonly string[];
}

export interface BundleFile {
  readonly part: BundlePart;
  /** Relative to the bundle's directory: binaries/kube, images/cluster.tar, packages/trixie/runc_….deb. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** For a package: Debian's name, version and release (trixie). */
  readonly package?: BundledPackage;
  /** For a binary: the names under which it is linked on a machine (kubelet, kubeadm, …). */
  readonly names?: readonly string[];
  /** For an image archive: the references in it. */
  readonly images?: readonly string[];
}

export interface BundleManifest {
  readonly formatVersion: 1;
  readonly kubernetesVersion: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly etcdVersion: string;
  /** The sandbox image that containerd must be configured with. */
  readonly pauseImage: string;
  readonly files: readonly BundleFile[];
}

/** All packages of one Debian release in one tar, so that a machine gets them in one transfer. */
export interface PackageArchive {
  readonly release: string;
  /** Absolute path on the operator's disk. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface Bundle {
  /** Absolute path of the directory. */
  readonly directory: string;
  readonly manifest: BundleManifest;
  /** Made from the manifest's packages when the bundle is opened. */
  readonly packageArchives: readonly PackageArchive[];
}
