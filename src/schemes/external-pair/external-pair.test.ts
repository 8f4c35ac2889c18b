/** The scheme external-pair with its balancers: the contract of all schemes. LVS has a test of its own. */

import { schemeContract } from '../../../test/contract/scheme-contract.ts';

schemeContract({ variant: 'external-pair/haproxy', example: 'external-pair-haproxy.yaml', goldenHosts: ['l1', 'l2'] });
schemeContract({ variant: 'external-pair/nginx', example: 'external-pair-nginx.yaml', goldenHosts: ['l1'] });
