/** The last lines of a terminal, drawn again and again in place, while other lines scroll away above them. */

export interface TerminalStream {
  readonly write: (text: string) => unknown;
  readonly columns?: number;
  readonly rows?: number;
}

export interface LiveRegion {
  /** `above` is printed for good; `live` replaces what was live. Lines may have colours; none may be wider than columns - 1. */
  readonly draw: (above: readonly string[], live: readonly string[]) => void;
  /** Takes the live lines away and gives the cursor back. */
  readonly clear: () => void;
}

const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';
/** Terminals that know synchronised output show a frame only when it is whole; the others ignore this. */
const beginFrame = '\u001B[?2026h';
const endFrame = '\u001B[?2026l';
const clearToEndOfLine = '\u001B[K';

/** One write a frame and nothing when nothing changed: that is what keeps it from flickering. width: of a line without its colours. */
export function liveRegion(stream: TerminalStream, width: (line: string) => number): LiveRegion {
  let drawn: readonly string[] = [];
  const show = (above: readonly string[], live: readonly string[]) => {
    // A window made narrower wraps what was drawn before.
    const columns = stream.columns ?? 80;
    const old = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
    const lines = [...above, ...live];
    // Line by line: clearing all below the cursor makes tmux keep the cleared frame in its history.
    const surplus = Math.max(0, old - lines.length);
    const text = [...lines, ...new Array<string>(surplus).fill('')].map((line) => `${line}${clearToEndOfLine}\n`).join('');
    stream.write(`${beginFrame}${hideCursor}${up(old)}${text}${up(surplus)}${live.length === 0 ? showCursor : ''}${endFrame}`);
    drawn = live;
  };
  return {
    draw: (above, live) => {
      const same = above.length === 0 && live.length === drawn.length && live.every((line, index) => line === drawn[index]);
      if (!same) show(above, live);
    },
    clear: () => {
      if (drawn.length > 0) show([], []);
    },
  };
}

function up(rows: number): string {
  return rows === 0 ? '' : `\r\u001B[${rows}A`;
}
