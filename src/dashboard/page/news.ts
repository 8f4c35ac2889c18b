/** What of a change is worth a word to somebody who listens: the VIP, health, the drill; not every event. */

import { find, setText } from './elements.ts';
import type { View } from './page-data.ts';

/** So much is gathered into one word. */
const gatherMs = 600;
let waiting: string[] = [];

/** Says it by the page's live region, which is also seen. */
export function announce(words: readonly string[]): void {
  if (words.length === 0) return;
  if (waiting.length === 0) {
    setTimeout(() => {
      setText(find('#news'), waiting.join('; '));
      waiting = [];
    }, gatherMs);
  }
  waiting = [...waiting, ...words].slice(-6);
}

export function newsOf(before: View, after: View): readonly string[] {
  return [...statusNews(before.status, after.status), ...drillNews(before.drill, after.drill)];
}

function statusNews(before: View['status'], after: View['status']): readonly string[] {
  if (before === undefined || after === undefined || before === after) return [];
  const words: string[] = [];
  const [was, is] = [before.endpoint.holders.join(' and '), after.endpoint.holders.join(' and ')];
  if (was !== is)
    words.push(is === '' ? `nobody holds the VIP; ${was} did` : was === '' ? `${is} holds the VIP` : `the VIP moved from ${was} to ${is}`);
  const leader = ({ etcd }: typeof after) => etcd.members.find((member) => member.leader)?.name;
  const [led, leads] = [leader(before), leader(after)];
  if (led !== leads && leads !== undefined) words.push(`${leads} leads etcd`);
  if (before.healthy !== after.healthy) words.push(after.healthy ? 'the cluster is healthy' : `not healthy: ${after.problems[0] ?? ''}`);
  return words;
}

function drillNews(before: View['drill'], after: View['drill']): readonly string[] {
  if (after === undefined || before === after) return [];
  const words: string[] = [];
  const same = before !== undefined && before.name.replace(/\.gz$/, '') === after.name.replace(/\.gz$/, '') ? before : undefined;
  if (same === undefined) words.push(`a drill begins: ${after.fault || after.drill}`);
  if (same?.faultMs === undefined && after.faultMs !== undefined) words.push('the fault goes in');
  if (same?.healedMs === undefined && after.healedMs !== undefined) words.push('the fault is healed');
  if (same?.verdict === undefined && after.verdict !== undefined) words.push(`the drill's verdict: ${after.verdict.result}`);
  return words;
}
