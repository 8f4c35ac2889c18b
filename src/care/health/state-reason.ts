/** Says what is the matter with a backend: one word for the pool's decision, a line for people. */

import type { BackendHealth, BackendState } from './backend-health.ts';
import type { Look } from './look.ts';

/** Of a backend that enters this state by this look, with the facts after it. */
export function whyOf(state: BackendState, facts: BackendHealth, look: Look, nowMs: number): string {
  const { misses, failedConnects, freshMisses, heldUntilMs, downsMs } = facts;
  if (state === 'DOWN' && look.result !== 'refused') {
    if (failedConnects === 0) return `accepts connections and answers nothing: ${look.detail}`;
    return `${misses} looks missed, ${failedConnects + freshMisses} of them on new connections: ${look.detail}`;
  }
  if (state === 'SUSPECT' && nowMs < heldUntilMs && facts.trouble === 'none') {
    return `answers again (${look.detail}); held down for ${Math.ceil((heldUntilMs - nowMs) / 1000)} s after ${downsMs.length} times DOWN`;
  }
  return look.detail;
}

export function troubleOf(state: BackendState, { asked, misses, accepts }: BackendHealth): BackendHealth['trouble'] {
  // Silent, but connections are accepted: frozen, or there is not enough CPU for anything, here or there.
  if (state === 'DOWN') return accepts ? 'soft' : 'hard';
  if (state === 'DRAIN') return 'soft';
  if (state === 'UP') return 'none';
  if (asked === 'untrusted') return 'untrusted';
  if (misses > 0) return 'hard';
  return asked === 'unanswered' ? 'soft' : 'none';
}
