/** Decides shell conditions of the kind that steps check with: atoms joined by &&, || and braces. */

/** undefined when an atom is not known to `decide`. As in a shell, && and || bind alike, from the left. */
export function shellCondition(text: string, decide: (atom: string) => boolean | undefined): boolean | undefined {
  let value: boolean | undefined;
  for (const { operator, part } of split(text)) {
    const skipped = (operator === '&&' && value === false) || (operator === '||' && value === true);
    const braces = /^\{ (.*); \}$/s.exec(part)?.[1];
    const decided = braces === undefined ? decide(part) : shellCondition(braces, decide);
    // Also what a shell would skip must be known: a test is to see every atom.
    if (decided === undefined) return undefined;
    if (!skipped) value = decided;
  }
  return value;
}

function split(text: string): readonly { readonly operator: string; readonly part: string }[] {
  const parts: { readonly operator: string; readonly part: string }[] = [];
  let depth = 0;
  let operator = '';
  let part = '';
  for (const word of text.trim().split(/( && | \|\| |\{ |; \})/)) {
    if (word === '{ ') depth += 1;
    if (word === '; }') depth -= 1;
    if (depth === 0 && (word === ' && ' || word === ' || ')) {
      parts.push({ operator, part: part.trim() });
      operator = word.trim();
      part = '';
    } else part += word;
  }
  return [...parts, { operator, part: part.trim() }];
}
