/** What an agent has to tell, numbered from 0, kept until the operator has it: bounded, since the operator may be away for long. */

/** Of text. Four probes and eight watches tell 30 kB a second: a quarter of an hour without the operator. */
const mostCharacters = 32 * 2 ** 20;

export interface Told {
  /** How many there have been. */
  readonly count: number;
  readonly push: (text: string) => void;
  /** Those from this number on that are still there, the oldest first. */
  readonly from: (number: number) => readonly { readonly n: number; readonly text: string }[];
  /** The operator has all before this number. */
  readonly forgetBefore: (number: number) => void;
}

/** Above its bound the oldest go first: what is missing can be told by the numbers. */
export function toldStore(most = mostCharacters): Told {
  let texts: string[] = [];
  /** texts before `start` are gone; texts[start] has the number `first + start`. */
  let start = 0;
  let first = 0;
  let characters = 0;
  const dropOldest = () => {
    characters -= texts[start]?.length ?? 0;
    texts[start] = '';
    start += 1;
    if (start < 4096 || start * 2 < texts.length) return;
    texts = texts.slice(start);
    first += start;
    start = 0;
  };
  return {
    get count() {
      return first + texts.length;
    },
    push(text) {
      texts.push(text);
      characters += text.length;
      while (characters > most && start < texts.length - 1) dropOldest();
    },
    from(number) {
      const begin = Math.max(start, number - first);
      return texts.slice(begin).map((text, index) => ({ n: first + begin + index, text }));
    },
    forgetBefore(number) {
      while (start < texts.length && first + start < number) dropOldest();
    },
  };
}
