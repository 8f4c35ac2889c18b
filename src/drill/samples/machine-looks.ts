/** The looks of one machine's agent, and until when it was there. */

import type { AgentLook } from '../agent/agent-look.ts';

export interface MachineLooks {
  readonly machine: string;
  /** In order of time. */
  readonly looks: readonly AgentLook[];
  /** It was there at this time, and maybe not afterwards. */
  readonly heardMs: number;
  /** How exactly its times are known. */
  readonly errorMs: number;
}
