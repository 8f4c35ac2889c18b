/** The list of past recordings; each opens as its report. */

import { reportPath } from './drill-verdict.ts';
import { element, find, keyed, setClass, setText } from './elements.ts';
import type { RecordingRow } from './page-data.ts';

export function showRecordings(rows: readonly RecordingRow[], cluster: string): void {
  const section = find('#recordings');
  let list = section.querySelector('ul');
  if (list === null) {
    list = document.createElement('ul');
    section.append(element('p', 'quiet none', 'There are none yet: trivet drill run makes the first.'), list);
  }
  const none = section.querySelector('.none');
  if (none instanceof HTMLElement) none.hidden = rows.length > 0;
  keyed(
    list,
    rows,
    ({ name }) => name,
    makeRow,
    (row, recording) => updateRow(row, recording, cluster),
  );
}

function makeRow({ name }: RecordingRow): Element {
  const row = element('li');
  const link = element('a');
  link.setAttribute('href', reportPath(name));
  link.append(element('span', 'what'), element('span', 'of'));
  row.append(element('span', 'verdict'), link, element('small', 'why'));
  return row;
}

function updateRow(row: Element, recording: RecordingRow, cluster: string): void {
  const { name, drill, fault, scheme, startedAt, result, why, growing } = recording;
  const part = (selector: string) => row.querySelector(selector) ?? row;
  setText(part('.verdict'), result ?? (growing ? 'growing' : 'not judged'));
  setClass(part('.verdict'), `verdict ${result ?? 'none'}`);
  setText(part('.what'), result === 'unreadable' ? name : fault || drill);
  const place = recording.cluster === cluster || recording.cluster === '' ? '' : `cluster ${recording.cluster}, `;
  setText(part('.of'), startedAt === '' ? '' : `${place}${scheme}, ${moment(startedAt)}`);
  setText(part('.why'), why ?? '');
}

/** In the reader's own time zone. */
function moment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
