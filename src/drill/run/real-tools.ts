/** The parts of a drill as they are outside of tests. */

import { setTimeout as delay } from 'node:timers/promises';
import { kubernetesClient } from '../../kubernetes/client.ts';
import { startAgent } from '../agent/start-agent.ts';
import { clusterDns } from '../application/cluster-dns.ts';
import { installApplication } from '../application/install-application.ts';
import { faultsLeftOn } from '../faults/faults-left.ts';
import { inject } from '../faults/inject.ts';
import { whyNotPossible } from '../faults/possible.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { startProbes } from '../probes/start-probes.ts';
import { sampleCluster } from '../samples/sample-cluster.ts';
import type { DrillTools } from './drill-tools.ts';

export const drillTools: DrillTools = {
  whyNotPossible,
  faultsLeftOn,
  inject,
  startAgent,
  startProbes: (plan) => startProbes(plan),
  sampleCluster,
  installApplication: (input) => installApplication(input),
  clusterDns,
  client: kubernetesClient,
  clock: {
    nowMs: monotonicMs,
    date: () => new Date(),
    async pause(ms, signal) {
      try {
        await delay(ms, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  },
};
