/** Puts the application of a drill into a cluster: two copies of hello behind a Service, in a namespace of their own. */

import { z } from 'zod';
import { apiCalls } from './api-calls.ts';
import type { Application, ApplicationInput, Exercise } from './exercise.ts';
import { rollingUpdate, scale, selfHealing } from './exercises.ts';
import { nodeDrain } from './node-drain.ts';
import { budgetObject, namespaceObject, serviceObject } from './objects.ts';
import { readPlace, type Where, whereToRun } from './places.ts';
import { removeApplication, removeApplicationsLeft } from './remove-application.ts';
import { type Running, running } from './running.ts';
import { type Patience, until, usualPatience } from './until.ts';

/** The API gives both at once. */
const serviceSchema = z.object({
  spec: z.object({ clusterIP: z.string(), ports: z.tuple([z.object({ nodePort: z.int() })]) }),
});

/**
 * Waits until it serves. What earlier drills left is taken away first, so no other drill may run on this cluster. A Failure
 * DRILL_EXERCISE, with nothing left behind, when it cannot run there or does not come to serve.
 */
export async function installApplication(
  { client, id, signal }: ApplicationInput,
  patience: Patience = usualPatience,
): Promise<Application> {
  const cordoned = new Set<string>();
  const remove = () => removeApplication(client, { id, cordoned, patience });
  await removeApplicationsLeft(client, signal, patience);
  const where = await lookWhere(client, signal, patience);
  const application = running({ client, id, where, patience, first: { replicas: 2, version: 'v1' } });
  try {
    const addresses = await apply(application, signal);
    return {
      ...addresses,
      exercise: (exercise, stop) => carryOut(exercise, application, { signal: stop, cordoned }),
      remove: async () => {
        await remove();
        cordoned.clear();
      },
    };
  } catch (error) {
    // The first failure is the one that people must hear of; the next drill takes away what is left.
    await remove().catch(() => undefined);
    throw error;
  }
}

async function lookWhere(client: ApplicationInput['client'], signal: AbortSignal, patience: Patience): Promise<Where> {
  const api = apiCalls(client, signal);
  const nodes = await until('the API lists nodes', { ...patience, signal, remedy: 'trivet status' }, async () => ({
    kind: 'so',
    value: await api.list('/api/v1/nodes'),
  }));
  return whereToRun(nodes.map(readPlace));
}

async function apply(application: Running, signal: AbortSignal): Promise<Pick<Application, 'nodePort' | 'clusterIp'>> {
  const { id, namespace } = application;
  const path = `/api/v1/namespaces/${namespace}`;
  const service = await application.sure(`the API takes the namespace ${namespace} and what is in it`, signal, async (api) => {
    await api.apply(path, namespaceObject(id));
    await api.apply(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/hello`, budgetObject(namespace));
    return api.apply(`${path}/services/hello`, serviceObject(namespace));
  });
  await application.become({}, signal);
  const { clusterIP, ports } = serviceSchema.parse(service).spec;
  return { nodePort: ports[0].nodePort, clusterIp: clusterIP };
}

function carryOut(
  exercise: Exercise,
  application: Running,
  { signal, cordoned }: { readonly signal: AbortSignal; readonly cordoned: Set<string> },
): Promise<string> {
  switch (exercise) {
    case 'scale':
      return scale(application, signal);
    case 'rolling-update':
      return rollingUpdate(application, signal);
    case 'self-healing':
      return selfHealing(application, signal);
    case 'node-drain':
      return nodeDrain(application, signal, cordoned);
  }
}
