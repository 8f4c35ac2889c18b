/** What the report's page is given: recordings made small. Times are whole milliseconds since the recording's start. */

export interface PageData {
  readonly recordings: readonly PageRecording[];
}

export interface PageRecording {
  readonly title: string;
  /** Zero of the time line: the fault, or the start. */
  readonly zeroMs: number;
  readonly endMs: number;
  readonly lanes: readonly PageLane[];
  readonly states: readonly PageState[];
  readonly marks: readonly PageMark[];
}

/** One probe in one place. */
export interface PageLane {
  readonly title: string;
  readonly note: string;
  /** One for each client: of the watches there are several. */
  readonly tracks: readonly string[];
  /** Whether an entry is a time of its own length instead of an attempt that stands for the time until the next. */
  readonly spans: boolean;
  /** What failed attempts say; tracks name them by place in this list. */
  readonly reasons: readonly string[];
  /** The longest time without success around the fault, where it is more than the pace. */
  readonly gap: PageGap | undefined;
}

export interface PageGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bad: boolean;
}

/** Something of the cluster that is always in one state. */
export interface PageState {
  readonly title: string;
  readonly changes: readonly { readonly ms: number; readonly is: string; readonly tone: Tone }[];
}

/** good and bad; or one of several that are all as good: a machine's number, 0 to 5. */
export type Tone = 'good' | 'warn' | 'bad' | 0 | 1 | 2 | 3 | 4 | 5;

/** A moment that all lanes show. */
export interface PageMark {
  readonly ms: number;
  readonly text: string;
  readonly kind: 'fault' | 'heal';
}
