/** A host's open connection and its way to root, opened anew when it is asked for and has broken. */

import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { becomeRoot } from './become-root.ts';
import { type Master, type MasterContext, openMaster } from './open-master.ts';
import { unfinished } from './order-failure.ts';
import type { RootAccess } from './remote-script.ts';
import { sshByHand } from './ssh-argv.ts';
import { startSession } from './start-session.ts';

export interface OpenLink {
  readonly master: Master;
  readonly root: RootAccess;
}

export interface ReopeningLink {
  /** Callers that come while it opens share one attempt. */
  readonly get: (signal?: AbortSignal) => Promise<OpenLink>;
  readonly close: () => Promise<void>;
}

export interface LinkContext extends MasterContext {
  readonly warn: (message: string, host: string) => void;
}

export function reopeningLink(host: Host, context: LinkContext): ReopeningLink {
  let current: OpenLink | undefined;
  let opening: Promise<OpenLink> | undefined;
  const open = async (signal: AbortSignal | undefined): Promise<OpenLink> => {
    if (current !== undefined) context.warn(`the connection to ${host.name} broke; opening it again`, host.name);
    current = await openAsRoot(host, context, signal);
    return current;
  };
  return {
    get: async (signal) => {
      if (opening === undefined && current?.master.isOpen()) return current;
      opening ??= open(signal).finally(() => {
        opening = undefined;
      });
      return await opening;
    },
    close: async () => {
      await opening?.catch(() => undefined);
      await current?.master.close();
      current = undefined;
    },
  };
}

async function openAsRoot(host: Host, context: LinkContext, signal: AbortSignal | undefined): Promise<OpenLink> {
  const master = await openMaster(context, host, signal);
  const tryRoot = async (root: RootAccess) => await startSession({ link: master.link, root, script: 'true', timeoutSeconds: 30 }).outcome;
  try {
    const access = await becomeRoot(host, await context.passwords(host), tryRoot);
    switch (access.kind) {
      case 'root':
      case 'sudo':
      case 'sudo-with-password':
        return { master, root: access };
      case 'finished':
        throw new Failure('INTERNAL', `becoming root on ${host.name} ended in ${JSON.stringify(access.result)}`);
      default:
        throw unfinished({ host, byHand: sshByHand(host, context.prefix) }, 'the check for root', access);
    }
  } catch (error) {
    await master.close();
    throw error;
  }
}
