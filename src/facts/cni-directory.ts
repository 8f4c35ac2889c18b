/** Where /opt/cni/bin, in which containerd looks for network plugins, really is. */

import type { Fact } from '../model/fact.ts';

/** /opt/cni/bin itself, unless it is a link. */
export const cniDirectory: Fact<string> = {
  name: 'cni-directory',
  argv: ['readlink', '-m', '/opt/cni/bin'],
  parse: ({ stdout }) => stdout.trim(),
};
