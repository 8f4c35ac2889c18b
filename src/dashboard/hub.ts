/** The one view that all pages share, and who is told of its changes. */

import { applyChange } from './page/apply-change.ts';
import type { Change, View } from './page/page-data.ts';

export interface Hub {
  readonly view: () => View;
  readonly publish: (change: Change) => void;
  /** Hears changes that come after the view at that moment; gives what ends it. */
  readonly listen: (listener: (change: Change) => void) => () => void;
}

export function openHub(initial: View): Hub {
  const listeners = new Set<(change: Change) => void>();
  let view = initial;
  return {
    view: () => view,
    publish(change) {
      view = applyChange(view, change);
      for (const listener of listeners) listener(change);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
