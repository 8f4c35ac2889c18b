/** trivet up: from bare machines to a cluster whose endpoint survives a master. Also joins hosts that were added. */

import type { Sequence } from '../model/phase.ts';
import { addons } from '../phases/addons.ts';
import { binaries } from '../phases/binaries.ts';
import { endpoint } from '../phases/endpoint.ts';
import { etcdAccess, etcdAuthority, etcdCertificates, etcdMembers } from '../phases/etcd.ts';
import { finish } from '../phases/finish.ts';
import { firstMaster } from '../phases/first-master.ts';
import { foundersImages, images } from '../phases/images.ts';
import { joinMasters } from '../phases/join-masters.ts';
import { joinWorkers } from '../phases/join-workers.ts';
import { machine } from '../phases/machine.ts';
import { packages } from '../phases/packages.ts';
import { podNetwork } from '../phases/pod-network.ts';
import { runtime } from '../phases/runtime.ts';

export const up: Sequence = {
  name: 'up',
  summary: 'build the cluster, or bring it to what the file says; nothing is ever removed',
  stages: [
    [machine],
    [packages, binaries],
    [runtime, etcdAuthority],
    [foundersImages, endpoint, etcdCertificates],
    [etcdMembers],
    [etcdAccess],
    [firstMaster, images],
    [joinMasters, joinWorkers, addons],
    [podNetwork],
    [finish],
  ],
};
