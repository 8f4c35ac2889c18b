/** The topology: a card for each machine, tiles for many workers, and the VIP's marker, which jumps from card to card. */

import type { ClusterStatus, MachineStatus } from '../../status/cluster-status.ts';
import { element, find, keyed, setClass, setHidden, setText } from './elements.ts';
import { badgesOf, troubled, type Word, wordsOf } from './machine-words.ts';

type Victims = Readonly<Record<string, string>>;

/** With more machines, workers become tiles below the drill. */
const mostCards = 12;
const still = matchMedia('(prefers-reduced-motion: reduce)');
const marker = element('span', 'vip', 'VIP');
marker.id = 'vip';

export function showMachines(status: ClusterStatus, victims: Victims): void {
  const { machines } = status;
  const onlyWorker = ({ roles }: MachineStatus) => roles.every((role) => role === 'worker');
  const many = machines.length > mostCards;
  const tiles = many ? machines.filter(onlyWorker) : [];
  const cards = many ? machines.filter((machine) => !onlyWorker(machine)) : machines;
  const update = (child: Element, machine: MachineStatus) => {
    // Most of a hundred machines are as they were.
    const badges = badgesOf(machine.name, status, victims);
    const words = wordsOf(machine, status);
    const seen = JSON.stringify([machine, badges, words]);
    if (child.getAttribute('data-seen') === String(hash(seen))) return;
    child.setAttribute('data-seen', String(hash(seen)));
    updateMachine(child, machine, words, badges, troubled(machine, status));
  };
  keyed(find('#machines .cards'), cards, ({ name }) => name, makeMachine, update);
  setHidden(find('#more-machines'), tiles.length === 0);
  setText(find('#more-title'), `${tiles.length} workers`);
  keyed(find('#more-machines .tiles'), tiles, ({ name }) => name, makeMachine, update);
  moveMarker(status);
}

/** Not to keep a long text in the page: FNV-1a. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return value;
}

function makeMachine({ name }: MachineStatus): Element {
  const card = element('li', 'machine');
  card.dataset.machine = name;
  const head = element('div', 'head');
  head.append(element('h3', '', name), element('small', 'address'));
  card.append(head, element('p', 'badges'), element('p', 'unreachable'), element('ul', 'words'), element('p', 'backends'));
  return card;
}

function updateMachine(
  card: Element,
  machine: MachineStatus,
  words: readonly Word[],
  badges: ReturnType<typeof badgesOf>,
  bad: boolean,
): void {
  const part = (selector: string): HTMLElement => card.querySelector<HTMLElement>(selector) ?? element('p');
  const victim = badges.some(({ kind }) => kind === 'victim');
  setClass(card, `machine${bad ? ' bad' : ''}${victim ? ' victim' : ''}`);
  setText(part('.address'), `${machine.roles.join(', ')} ${machine.address}`);
  const place = part('.badges');
  for (const old of place.querySelectorAll('.badge')) old.remove();
  place.append(...badges.map(({ text, kind }) => element('span', `badge ${kind}`, text)));
  const reason = part('.unreachable');
  setText(reason, machine.unreachable === undefined ? '' : `cannot be asked: ${machine.unreachable}`);
  reason.title = machine.unreachable ?? '';
  setHidden(reason, machine.unreachable === undefined);
  keyed(part('.words'), words, ({ name }) => name, makeWord, updateWord);
  const sees = part('.backends');
  const { backends = [] } = machine;
  setHidden(sees, backends.length === 0);
  sees.replaceChildren(
    ...(backends.length === 0 ? [] : ['sees ']),
    ...backends.map(({ name, state, lastCheck }) => {
      const item = element('span', state === 'UP' ? 'good' : state === 'SUSPECT' || state === 'DRAIN' ? 'unsure' : 'bad');
      item.append(element('b', '', name), ` ${state}`);
      item.title = lastCheck;
      return item;
    }),
  );
}

function makeWord({ name }: Word): Element {
  const item = element('li');
  item.append(element('span', 'name', name), ' ', element('span', 'word'));
  return item;
}

function updateWord(item: Element, { text, tone }: Word): void {
  setClass(item, tone);
  const word = item.querySelector('.word');
  if (word !== null) setText(word, text);
}

/** The first holder has the marker; a second one is told by a badge, and by a problem. */
function moveMarker({ endpoint }: ClusterStatus): void {
  const holder = endpoint.keptBy === 'one-machine' ? endpoint.holders[0] : undefined;
  const card = holder === undefined ? null : document.querySelector(`[data-machine="${CSS.escape(holder)}"] .badges`);
  if (card === null) {
    marker.remove();
    return;
  }
  setText(marker, `VIP ${endpoint.address}`);
  if (marker.parentElement === card) return;
  const from = marker.isConnected ? marker.getBoundingClientRect() : undefined;
  card.prepend(marker);
  if (from === undefined || still.matches) return;
  const to = marker.getBoundingClientRect();
  marker.animate([{ transform: `translate(${from.x - to.x}px, ${from.y - to.y}px)` }, { transform: 'none' }], {
    duration: 350,
    easing: 'ease-out',
  });
}
