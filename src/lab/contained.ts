/** How the lab makes root file systems and kernels on the box. */

/** Put before argv: everything below dies with this process, and its mounts with it, so that nothing is to clean up but a directory. */
export const contained = [
  'setpriv',
  '--pdeathsig',
  'KILL',
  'unshare',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const;
