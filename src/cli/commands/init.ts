/** trivet init: flags → the cluster file that they stand for, on standard output. */

import { type ClusterOptions, readClusterSpec } from '../cluster-options.ts';

export async function init(options: ClusterOptions): Promise<void> {
  const { renderClusterFile } = await import('../../spec/render-cluster-file.ts');
  if (options.master === undefined && options.file === undefined) {
    const { exampleClusterFile } = await import('../../spec/render-cluster-file.ts');
    process.stdout.write(exampleClusterFile());
    return;
  }
  const spec = await readClusterSpec(options, (message) => process.stderr.write(`warning: ${message}\n`));
  process.stdout.write(renderClusterFile(spec));
}
