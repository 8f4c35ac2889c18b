/** The one stream of what happens, as NDJSON: read by the terminal, the log, the dashboard and the drill's verdict. */

export type Event = { readonly at: string } & EventBody;

export type EventBody =
  | {
      readonly kind: 'run';
      readonly state: 'started' | 'finished' | 'failed';
      readonly sequence: string;
      readonly cluster: string;
      readonly changed?: number;
      readonly seconds?: number;
      readonly message?: string;
    }
  | {
      readonly kind: 'phase';
      readonly state: 'started' | 'finished' | 'failed';
      readonly phase: string;
      readonly summary: string;
      readonly hosts: readonly string[];
      readonly usualSeconds: number;
      readonly seconds?: number;
    }
  | {
      readonly kind: 'step';
      readonly state: 'planned' | 'unchanged' | 'started' | 'changed' | 'failed';
      readonly phase: string;
      readonly host: string;
      readonly step: string;
      readonly title: string;
      readonly seconds?: number;
      readonly message?: string;
    }
  | { readonly kind: 'progress'; readonly task: string; readonly message: string; readonly usualSeconds?: number }
  | { readonly kind: 'warning'; readonly message: string; readonly host?: string }
  | {
      readonly kind: 'probe';
      readonly probe: string;
      readonly from: string;
      readonly startedMs: number;
      readonly endedMs: number;
      readonly ok: boolean;
      readonly detail?: string;
    }
  | { readonly kind: 'fault'; readonly fault: string; readonly host: string; readonly state: 'injected' | 'healed' }
  | { readonly kind: 'vip'; readonly owner: string | undefined }
  | { readonly kind: 'leader'; readonly of: string; readonly holder: string | undefined };

/** Takes an event's body; the time is put on by the recorder. */
export type Emit = (event: EventBody) => void;
