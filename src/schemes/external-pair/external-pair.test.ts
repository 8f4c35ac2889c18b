/** The scheme external-pair: the contract of all schemes. */

import { schemeContract } from '../../../test/contract/scheme-contract.ts';

schemeContract({ variant: 'external-pair/haproxy', example: 'external-pair-haproxy.yaml', goldenHosts: ['l1', 'l2'] });
schemeContract({ variant: 'external-pair/nginx', example: 'external-pair-nginx.yaml', goldenHosts: ['l1'] });
schemeContract({ variant: 'external-pair/lvs', example: 'external-pair-lvs.yaml', goldenHosts: ['l1'] });
