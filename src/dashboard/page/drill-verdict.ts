/** What a drill is found to be, once it is judged, and where its report stands. */

import { element, find } from './elements.ts';
import type { DrillView } from './page-data.ts';

export function showVerdict({ verdict, name, state }: DrillView): void {
  const place = find('#verdict');
  const seen = JSON.stringify([verdict, name, state]);
  if (place.dataset.seen === seen) return;
  place.dataset.seen = seen;
  place.replaceChildren();
  if (state !== 'ended' && state !== 'gone') return;
  if (verdict === undefined) {
    place.append(element('p', 'quiet', 'The recording is being judged.'));
    return;
  }
  const line = element('p', 'result');
  const link = element('a', '', 'the whole report');
  link.setAttribute('href', reportPath(name));
  line.append(element('span', `verdict ${verdict.result}`, verdict.result), ' ', link);
  const reasons = element('ul', 'reasons');
  reasons.append(...verdict.reasons.map((text) => element('li', '', text)));
  const facts = element('dl', 'facts');
  for (const fact of verdict.facts) {
    const pair = element('div');
    pair.append(element('dt', '', fact.name), element('dd', '', fact.value));
    facts.append(pair);
  }
  place.append(line, ...(verdict.reasons.length === 0 ? [] : [reasons]), facts);
}

export function reportPath(name: string): string {
  return `/recordings/${encodeURIComponent(name)}`;
}
