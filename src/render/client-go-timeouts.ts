/** How soon a client of the API notices that an idle connection leads nowhere. */

/**
 * client-go pings a connection on which nothing came for the first number of seconds, and drops it when the second number
 * passes without an answer: 6 s in all, where its own defaults are 30 and 15. For kubelets, control-plane pods and kube-proxy.
 */
export const clientGoTimeouts = [
  { name: 'HTTP2_READ_IDLE_TIMEOUT_SECONDS', value: '3' },
  { name: 'HTTP2_PING_TIMEOUT_SECONDS', value: '3' },
] as const;
