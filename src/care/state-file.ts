/** The last good list of members on the disk, so that a daemon that starts while no master answers still knows all of them. */

import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, addressText, parseAddress } from './address.ts';
import { isRecord } from './json.ts';
import type { CareLog } from './log.ts';

export interface SavedMembers {
  /** Each once, never none. */
  readonly members: readonly Address[];
  /** Wall-clock time in ISO 8601. */
  readonly savedAt: string;
}

export interface StateFile {
  readonly path: string;
  /** undefined: there is none. One that cannot be understood, or belongs to another virtual server, is moved aside, told and ignored. */
  readonly read: () => Promise<SavedMembers | undefined>;
  /** Only when it changed; an empty list never. A disk that takes nothing is told once and tried again the next time. */
  readonly write: (members: readonly Address[]) => Promise<void>;
}

export interface StateFileInput {
  readonly directory: string;
  readonly service: Address;
  readonly log: CareLog;
  /** Wall-clock milliseconds. */
  readonly now: () => number;
}

/** One file for each virtual server: members-10.103.97.2-6443.json. Neither read nor write throws. */
export function stateFile({ directory, service, log, now }: StateFileInput): StateFile {
  const path = join(directory, `members-${service.ip.replaceAll(':', '_')}-${service.port}.json`);
  let onDisk: string | undefined;
  let told: string | undefined;

  function tell(message: string, remedy: string): void {
    if (told !== message) log('warn', message, { remedy });
    told = message;
  }

  async function moveAside(why: string): Promise<void> {
    const aside = `${path}.unreadable-${new Date(now()).toISOString().replaceAll(':', '')}`;
    const moved = await rename(path, aside).then(
      () => true,
      () => false,
    );
    tell(
      `the remembered members in ${path} are not used: ${why}`,
      moved ? `it is kept as ${aside}; remove it when you have seen it` : `look at ${path}`,
    );
  }

  return {
    path,
    async read() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') await moveAside(messageOf(error));
        return undefined;
      }
      const content = readContent(text, addressText(service));
      if (typeof content === 'string') {
        await moveAside(content);
        return undefined;
      }
      onDisk = keyOf(content.members);
      return content;
    },
    async write(members) {
      const key = keyOf(members);
      if (members.length === 0 || key === onDisk) return;
      const content = { kind, version: 1, service: addressText(service), savedAt: new Date(now()).toISOString(), members: key.split(' ') };
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await replaceFile(directory, path, `${JSON.stringify(content, undefined, 2)}\n`);
        onDisk = key;
        told = undefined;
      } catch (error) {
        tell(`the members cannot be remembered in ${path}: ${messageOf(error)}`, `see the disk: df ${directory}; ls -ld ${directory}`);
      }
    },
  };
}

const kind = 'trivet-care-members';
const mostMembers = 1000;

const keyOf = (members: readonly Address[]): string => [...new Set(members.map(addressText))].sort().join(' ');

/** What it says, or why it is not believed. */
function readContent(text: string, service: string): SavedMembers | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isRecord(content) || content.kind !== kind || content.version !== 1) return 'it is no list of members that this version wrote';
  if (content.service !== service) return `it belongs to another virtual server than ${service}`;
  const { members: texts, savedAt } = content;
  if (typeof savedAt !== 'string' || Number.isNaN(Date.parse(savedAt))) return 'its time is none';
  if (!Array.isArray(texts) || texts.length === 0 || texts.length > mostMembers) return 'it names no members';
  const members = new Map<string, Address>();
  for (const one of texts) {
    const member = typeof one === 'string' ? parseAddress(one) : undefined;
    if (member === undefined) return 'one of its members is no address';
    members.set(addressText(member), member);
  }
  return { members: [...members.values()], savedAt };
}

/** After a power failure at any moment the file is the old one or the new one, whole. */
async function replaceFile(directory: string, path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  // A leftover of another process, or a link that somebody laid there, is not written through.
  await rm(temporary, { force: true, recursive: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const holder = await open(directory, 'r');
  try {
    await holder.sync();
  } finally {
    await holder.close();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
