/** What the engine holds of one machine during a run: its connection, its receipt, and the run that it belongs to. */

import type { Connection } from '../model/connection.ts';
import type { Emit } from '../model/event.ts';
import type { Clock } from './clock.ts';
import type { Receipt } from './record.ts';

export interface Machine {
  readonly connection: Connection;
  readonly receipt: Receipt;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Who runs this, for the logs on the machine. */
  readonly operator: string;
  /** True from any change until the next daemon-reload. */
  readonly units: { stale: boolean };
}
