/** CareStatus for people: what `trivet care status` prints. */

import type { BackendStatus, CareStatus, Change, DiscoveryStatus } from '../status.ts';

/** now: wall-clock milliseconds. Ends with a line break. */
export function careStatusText(status: CareStatus, now: number): string {
  const { service, dataplane, applies, backends } = status;
  const up = backends.filter(({ state }) => state === 'UP').length;
  const lines = [
    `${service}  ${tableText(status)}, ${up} of ${backends.length} backends UP`,
    `  data plane  ${dataplane.detail === '' ? dataplane.kind : dataplane.detail}`,
    ...(applies.trouble === null ? [] : [`  not applied  ${oneLine(applies.trouble)}`]),
    ...discoveryLines(status.discovery, now),
    `  daemon      trivet ${status.version}, process ${status.pid}, since ${ago(status.since, now)}${stallText(status.ownStallSeconds)}`,
    '',
    ...columns([['BACKEND', 'STATE', 'SINCE', 'CONNECTIONS', 'ANSWER', 'WHY'], ...backends.map((backend) => backendRow(backend, now))]),
    '',
    ...changeLines(status.changes, now),
  ];
  return `${lines.join('\n')}\n`;
}

function tableText({ table }: CareStatus): string {
  switch (table) {
    case 'serve':
      return 'serves';
    case 'reject':
      return 'refuses new connections: nobody is there';
    case 'none':
      return 'not decided yet';
  }
}

function discoveryLines(discovery: DiscoveryStatus, now: number): readonly string[] {
  switch (discovery.kind) {
    case 'off':
      return ['  discovery   off: only --rs'];
    case 'waiting':
      return [`  discovery   waits: ${oneLine(discovery.why)}${heardText(discovery.lastSuccess, now)}`];
    case 'following':
      return [
        `  discovery   follows ${discovery.via}: ${discovery.members.length} members, heard ${ago(discovery.lastSuccess, now)} ago`,
        ...(discovery.unverified.length === 0 ? [] : [`              not proved, so not used: ${discovery.unverified.join(', ')}`]),
      ];
    case 'failing':
      return [
        `  discovery   fails: ${oneLine(discovery.why)}${heardText(discovery.lastSuccess, now)}`,
        ...(discovery.remedy === null ? [] : [`              → ${oneLine(discovery.remedy)}`]),
      ];
  }
}

const heardText = (time: string | null, now: number): string => (time === null ? '' : ` (last heard ${ago(time, now)} ago)`);
const stallText = (seconds: number): string => (seconds < 0.1 ? '' : `, itself late by ${seconds.toFixed(1)} s in all`);

function backendRow(backend: BackendStatus, now: number): readonly string[] {
  const { address, source, local, state, since, connections, lastLook, weight, why } = backend;
  const marks = [local ? 'local' : '', source === 'discovered' ? 'discovered' : ''].filter((mark) => mark !== '');
  const asIs = state === 'UP' && weight === 0 ? 'UP, spare' : state;
  return [
    marks.length === 0 ? address : `${address} (${marks.join(', ')})`,
    asIs,
    ago(since, now),
    connections === null ? '-' : String(connections),
    lastLook === null ? '-' : lastLook.result === 'ok' ? `${(lastLook.seconds * 1000).toFixed(1)} ms` : lastLook.result,
    oneLine(why),
  ];
}

/** How many changes are shown, of those that are remembered. */
const shown = 10;

function changeLines(changes: readonly Change[], now: number): readonly string[] {
  if (changes.length === 0) return ['no changes yet'];
  const rows = changes
    .slice(-shown)
    .toReversed()
    .map(({ at, subject, what, why }) => [`${ago(at, now)} ago`, oneLine(subject), oneLine(what), oneLine(why)]);
  return [`last changes (${Math.min(shown, changes.length)} of ${changes.length})`, ...columns(rows).map((row) => `  ${row}`)];
}

/** 0.4 s, 12 s, 3 min, 5 h, 2 d: the distance between two wall-clock times, in one figure. */
export function ago(time: string, now: number): string {
  const seconds = Math.max(0, now - Date.parse(time)) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>((most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A text from a server's answer must not move the terminal's cursor. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}
