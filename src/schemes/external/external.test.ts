/** The scheme external: the contract of all schemes, as far as one that puts nothing anywhere can hold to it. */

import { schemeContract } from '../../../test/contract/scheme-contract.ts';

schemeContract({
  variant: 'external',
  example: 'external.yaml',
  goldenHosts: [],
  putsNothing: 'the load balancer is the user’s own: it is checked (preflight, trivet endpoint check) and left alone',
});
