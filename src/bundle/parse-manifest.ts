/** Reads manifest.json: the shape, paths that stay inside the bundle, and that it lists all that a cluster needs. */

import { z } from 'zod';
import type { BundleManifest } from '../model/bundle.ts';
import type { Digest } from './hash-file.ts';

export const manifestName = 'manifest.json';

const digest = { sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() };
const path = z.string().refine(isInside, 'must be a relative path inside the bundle');
const common = { path, ...digest };

const file = z.discriminatedUnion('part', [
  z.strictObject({ part: z.literal('binary'), ...common, names: z.array(z.string().regex(/^[a-z0-9-]+$/)).min(1) }),
  z.strictObject({ part: z.literal('image'), ...common, images: z.array(z.string().min(1)).min(1) }),
  z.strictObject({
    part: z.literal('package'),
    ...common,
    package: z.strictObject({
      name: z.string().min(1),
      version: z.string().min(1),
      release: z.string().min(1),
      needs: z.array(z.string().min(1)),
    }),
  }),
]);

const manifest = z.strictObject({
  formatVersion: z.literal(1),
  kubernetesVersion: z.string().regex(/^v\d+\.\d+\.\d+/),
  architecture: z.enum(['amd64', 'arm64']),
  etcdVersion: z.string().min(1),
  pauseImage: z.string().min(1),
  files: z.array(file),
});

/** The manifest, or what is wrong with its text: one line a finding. */
export function parseManifest(text: string): { readonly manifest: BundleManifest } | { readonly problems: readonly string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problems: [`${manifestName}: not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) {
    return { problems: parsed.error.issues.map((issue) => `${manifestName}: ${issue.path.join('.') || 'it'}: ${issue.message}`) };
  }
  const problems = [...repeated(parsed.data), ...lacking(parsed.data)];
  return problems.length > 0 ? { problems } : { manifest: parsed.data };
}

/** For the records of finished parts: path → digest. Throws when the text is anything else. */
export function parseDigests(text: string): Readonly<Record<string, Digest>> {
  return z.record(path, z.strictObject(digest)).parse(JSON.parse(text));
}

/** True for `images/cluster.tar`; false for an absolute path, one with an empty, `.` or `..` segment, or a control character. */
export function isInside(candidate: string): boolean {
  const segments = candidate.split('/');
  return segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..' && /^[^\p{Cc}\\]+$/u.test(segment));
}

function repeated({ files }: BundleManifest): readonly string[] {
  const seen = new Set<string>();
  return files.flatMap(({ path: one }) => {
    if (seen.has(one)) return [`${one}: listed twice in ${manifestName}`];
    seen.add(one);
    return [];
  });
}

function lacking({ files, kubernetesVersion, pauseImage }: BundleManifest): readonly string[] {
  const names = new Set(files.flatMap((one) => one.names ?? []));
  const images = files.flatMap((one) => one.images ?? []);
  const tagged = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((one) => `/${one}:${kubernetesVersion}`);
  return [
    ...['kubeadm', 'kubelet', 'kubectl'].filter((name) => !names.has(name)).map((name) => `binary ${name}: not in the bundle`),
    ...tagged.filter((tag) => !images.some((image) => image.endsWith(tag))).map((tag) => `image ${tag.slice(1)}: not in the bundle`),
    ...['/etcd:', '/coredns:']
      .filter((tag) => !images.some((image) => image.includes(tag)))
      .map((tag) => `image ${tag.slice(1, -1)}: not in the bundle`),
    ...(images.includes(pauseImage) ? [] : [`image ${pauseImage}: not in the bundle`]),
  ];
}
