/** What one machine saw of itself: not yet an event of the cluster, which is made of the looks of all. */

interface Look {
  /** The look that saw it. */
  readonly atMs: number;
  /** The look before it, which did not: the change lies between the two. */
  readonly sinceMs: number;
}

export type AgentLook =
  | ({ readonly kind: 'holds'; readonly holds: boolean } & Look)
  /** An etcd member about its cluster; `leader`: by the member's name; undefined: it knows of none, or does not answer. */
  | ({ readonly kind: 'etcd'; readonly member: string; readonly answers: boolean; readonly term: number; readonly leader?: string } & Look);
