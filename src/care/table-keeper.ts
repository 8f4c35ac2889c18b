/** Brings the wanted table into the data plane, one change after another, and keeps it there whatever others do to it. */

import { type Address, addressText } from './address.ts';
import type { Dataplane, Haste, Table } from './dataplane/dataplane.ts';
import type { CareLog } from './log.ts';
import { tableText } from './table-text.ts';

export interface TableKeeper {
  /** Applied as soon as what goes on is done; only the newest counts. */
  readonly want: (table: Table) => void;
  /** Once the table is applied. */
  readonly cut: (backend: Address) => void;
  readonly status: () => KeeperStatus;
  /** What goes on is ended first; the kernel's rules stay. */
  readonly close: () => Promise<void>;
}

export interface KeeperStatus {
  readonly done: number;
  readonly failed: number;
  /** The last failure's message while it has not been made good. */
  readonly trouble: string | undefined;
  readonly applied: Table | undefined;
  /** When the call that goes on began, monotonic milliseconds; undefined: none does. */
  readonly busySinceMs: number | undefined;
}

export interface KeeperInput {
  readonly dataplane: Dataplane;
  readonly log: CareLog;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Between two comparisons of the whole table with the wanted one, in milliseconds. Default 5000. */
  readonly mendEveryMs?: number;
  /** The pause after a failure, doubled up to mendEveryMs. Default 100. */
  readonly retryMs?: number;
  readonly onApplied?: (table: Table) => void;
}

export function keepTable({ dataplane, log, now, mendEveryMs = 5000, retryMs = 100, onApplied }: KeeperInput): TableKeeper {
  let wanted: Table | undefined;
  let due: Haste | undefined;
  let closed = false;
  let failuresInARow = 0;
  let status: KeeperStatus = { done: 0, failed: 0, trouble: undefined, applied: undefined, busySinceMs: undefined };
  const cuts = new Map<string, Address>();
  let wake: () => void = () => undefined;

  const sleep = (ms: number): Promise<'elapsed' | 'woken'> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms, 'elapsed');
      wake = () => {
        clearTimeout(timer);
        resolve('woken');
      };
    });

  const apply = async (table: Table, haste: Haste, isRoutine: boolean): Promise<void> => {
    due = undefined;
    const startedMs = now();
    try {
      const changes = await dataplane.apply(table, haste);
      const isNew = status.applied === undefined || tableText(table) !== tableText(status.applied);
      if (status.trouble !== undefined) log('info', 'the table is applied again', { subject: 'dataplane' });
      if (isNew) log('info', `table: ${tableText(table)}`, { subject: 'table', tookMs: Math.round(now() - startedMs), changes });
      else if (changes.length > 0 && isRoutine) log('warn', 'somebody changed the table; it is mended', { subject: 'table', changes });
      else if (changes.length > 0) log('info', 'what belongs to the table is changed too', { subject: 'table', changes });
      failuresInARow = 0;
      status = { ...status, done: status.done + 1, trouble: undefined, applied: table };
      onApplied?.(table);
    } catch (error) {
      due ??= 'exact';
      failuresInARow += 1;
      const trouble = error instanceof Error ? error.message : String(error);
      // The old table stays: every data plane changes all or nothing, or can be applied again.
      if (trouble !== status.trouble)
        log('error', `the table is not applied: ${trouble}`, { subject: 'dataplane', remedy: remedyOf(error) });
      status = { ...status, failed: status.failed + 1, trouble };
    }
  };

  const cutNext = async ([text, backend]: readonly [string, Address]): Promise<void> => {
    cuts.delete(text);
    if (status.applied?.targets.some(({ address, weight }) => weight > 0 && addressText(address) === text)) return;
    const startedMs = now();
    try {
      const connections = await dataplane.cut(backend);
      log('info', `cut ${connections} connections to ${text}`, { backend: text, connections, tookMs: Math.round(now() - startedMs) });
    } catch (error) {
      log('error', `connections to ${text} are not cut: ${error instanceof Error ? error.message : error}`, { backend: text });
    }
  };

  const busy = async (work: Promise<void>): Promise<void> => {
    status = { ...status, busySinceMs: now() };
    await work;
    status = { ...status, busySinceMs: undefined };
  };

  /** In this order: new connections away from the dead, established ones cut, then everything compared; and that again and again. */
  const work = async (): Promise<void> => {
    let hurried = false;
    let slept = false;
    while (!closed) {
      const [next] = cuts;
      if (wanted === undefined) await sleep(mendEveryMs);
      else if (failuresInARow > 0) {
        await sleep(Math.min(mendEveryMs, retryMs * 2 ** Math.min(failuresInARow - 1, 10)));
        if (!closed) await busy(apply(wanted, 'exact', false));
      } else if (due === 'haste') {
        await busy(apply(wanted, due, false));
        hurried = true;
      } else if (next !== undefined) await busy(cutNext(next));
      else if (due === 'exact' || hurried) {
        await busy(apply(wanted, 'exact', slept));
        hurried = false;
        slept = false;
      } else if ((await sleep(mendEveryMs)) === 'elapsed') {
        due = 'exact';
        slept = true;
      }
    }
  };
  const ended = work();

  return {
    want: (table) => {
      wanted = table;
      due = status.applied === undefined ? 'exact' : 'haste';
      wake();
    },
    cut: (backend) => {
      cuts.set(addressText(backend), backend);
      wake();
    },
    status: () => status,
    close: async () => {
      closed = true;
      wake();
      await ended;
    },
  };
}

function remedyOf(error: unknown): string | undefined {
  return error instanceof Error && 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : undefined;
}
