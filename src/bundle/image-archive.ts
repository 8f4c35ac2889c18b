/** Image archives in docker-archive form, which `ctr images import` takes: every image of a bundle in one tar, layers shared. */

import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from './hash-file.ts';
import { layerEntries, type TarEntry, writeTar } from './write-tar.ts';

/** A layer that several images name is written once. */
export interface Layer {
  readonly name: string;
  readonly entries: readonly TarEntry[];
}

export interface Image {
  readonly references: readonly string[];
  /** Lowest first. */
  readonly layers: readonly Layer[];
  readonly entrypoint?: readonly string[];
  /** Beside PATH. */
  readonly environment?: readonly string[];
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The same images give the same bytes. Layers are not compressed: machines unpack them at once, and two cores copy
 * faster than they inflate.
 */
export async function writeImageArchive(file: string, architecture: string, images: readonly Image[], signal?: AbortSignal): Promise<void> {
  const scratch = await mkdtemp(join(dirname(file), 'layers-'));
  try {
    const digests = new Map<string, string>();
    for (const { name, entries } of images.flatMap((image) => image.layers)) {
      if (digests.has(name)) continue;
      const digest = await writeTar(join(scratch, name), layerEntries(entries), signal);
      digests.set(name, digest.sha256);
    }
    const described = images.map((image) => describe(image, architecture, digests));
    const layers = new Map([...digests].map(([name, digest]) => [digest, join(scratch, name)]));
    await writeTar(
      file,
      [
        { kind: 'text', path: 'manifest.json', text: JSON.stringify(described.map((one) => one.manifest)) },
        ...described.map((one): TarEntry => ({ kind: 'text', path: one.manifest.Config, text: one.config })),
        ...[...layers].map(([digest, source]): TarEntry => ({ kind: 'file', path: `${digest}/layer.tar`, source, mode: 0o644 })),
      ],
      signal,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function describe(image: Image, architecture: string, digests: ReadonlyMap<string, string>) {
  const layers = image.layers.map(({ name }) => digests.get(name) ?? '');
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Env: [path, ...(image.environment ?? [])], ...(image.entrypoint && { Entrypoint: image.entrypoint }) },
    rootfs: { type: 'layers', diff_ids: layers.map((digest) => `sha256:${digest}`) },
    history: layers.map(() => ({ created_by: 'trivet bundle create' })),
  });
  return {
    config,
    manifest: {
      Config: `${sha256(config)}.json`,
      RepoTags: image.references,
      Layers: layers.map((digest) => `${digest}/layer.tar`),
    },
  };
}
