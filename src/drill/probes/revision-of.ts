/** etcd's revision, as an answer of the API shows it: of an object the one that it was written at, of a list the one that it was read at. */

import { z } from 'zod';

const shownSchema = z.object({ metadata: z.object({ resourceVersion: z.string().regex(/^\d{1,15}$/) }) });

/** undefined where the answer shows none. Equal and greater may be told of it: Kubernetes says so since 1.35, and etcd's are numbers. */
export function revisionOf(body: string): number | undefined {
  try {
    const shown = shownSchema.safeParse(JSON.parse(body));
    return shown.success ? Number(shown.data.metadata.resourceVersion) : undefined;
  } catch {
    return undefined;
  }
}
