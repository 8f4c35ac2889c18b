/** A value that must not be seen: it prints, logs and serialises as «secret»; only reveal() gives it out. */

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '«secret»';
  }

  toJSON(): string {
    return '«secret»';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '«secret»';
  }
}

/** The plain text of content that may or may not be secret. */
export function reveal(content: string | Secret): string {
  return typeof content === 'string' ? content : content.reveal();
}
