/** Makes and changes elements; what says the same already is not touched, so that a hundred machines cost what changed of them. */

export function element(name: string, className = '', text?: string): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setClass(target: Element, className: string): void {
  if (target.getAttribute('class') !== className) target.setAttribute('class', className);
}

export function setHidden(target: HTMLElement, hidden: boolean): void {
  if (target.hidden !== hidden) target.hidden = hidden;
}

/** The one element of the page; throws where the page is not its own. */
export function find(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`${selector} is not in the page`);
  return found;
}

/** Children by key, in the keys' order: kept, made or removed. */
export function keyed<T>(
  parent: Element,
  items: readonly T[],
  keyOf: (item: T) => string,
  make: (item: T) => Element,
  update: (child: Element, item: T) => void,
): void {
  const known = new Map([...parent.children].map((child) => [child.getAttribute('data-key') ?? '', child]));
  let place: Element | null = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    known.delete(key);
    if (child === undefined) {
      child = make(item);
      child.setAttribute('data-key', key);
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
  for (const child of known.values()) child.remove();
}
