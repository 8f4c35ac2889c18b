/** Lists and then watches EndpointSlice default/kubernetes on one master, until the master ends it or nothing comes any more. */

import type { IncomingMessage } from 'node:http';
import { Failure } from '../../model/failure.ts';
import { addressText } from '../address.ts';
import { isRecord } from '../json.ts';
import { connectMaster, type MasterAccess, type MasterConnection, unanswered } from './ask-master.ts';
import { readSlice, readSliceList, type SliceContent } from './endpoint-slice.ts';

export interface FollowInput extends MasterAccess {
  readonly signal: AbortSignal;
  /** Milliseconds for the list, and until the watch begins. */
  readonly answerMs: number;
  /** A watch on which nothing comes for so long is dead; an apiserver sends a bookmark about every minute. */
  readonly idleMs: number;
}

/** gone: the slice was deleted. alive: nothing new, but the watch lives. */
export type SliceNews = Exclude<SliceContent, { kind: 'rubbish' }> | { readonly kind: 'gone' } | { readonly kind: 'alive' };

/**
 * A name in the field selector, so that a Role with resourceNames is enough. Version 0: from the apiserver's own cache, as kubelets ask,
 * which answers without etcd's leader.
 */
const slicePath = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?fieldSelector=metadata.name%3Dkubernetes';
const mostBytes = 1 << 20;

/** Ends when the master ends the watch, or no longer has the version (410): list again. Throws Failure KUBERNETES or KUBERNETES_UNREACHABLE. */
export async function* followSlice(input: FollowInput): AsyncGenerator<SliceNews> {
  const connection = connectMaster(input);
  try {
    const list = await connection.get(`${slicePath}&resourceVersion=0`, input.answerMs, input.signal);
    const content = readSliceList(parseJson(await readAll(list, input), input));
    if (content.kind === 'rubbish') throw rubbish(input, content.why);
    yield content;
    yield* watch(connection, input, content.resourceVersion);
  } finally {
    connection.close();
  }
}

async function* watch(connection: MasterConnection, input: FollowInput, version: string): AsyncGenerator<SliceNews> {
  const path = `${slicePath}&watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}`;
  let stream: IncomingMessage;
  try {
    stream = await connection.get(path, input.answerMs, input.signal);
  } catch (error) {
    if (error instanceof Failure && error.message.endsWith('(410)')) return;
    throw error;
  }
  for await (const line of linesOf(stream, input)) {
    const event = parseJson(line, input);
    if (!isRecord(event)) throw rubbish(input, 'an event is no object');
    if (event.type === 'ERROR') {
      if (isRecord(event.object) && event.object.code === 410) return;
      throw rubbish(input, 'it ended the watch with an error');
    }
    yield newsOf(event, input);
  }
}

/** Asked for anew so often: credentials that were renewed are used, and the load of many machines spreads itself again. */
const watchSeconds = 1200;

function newsOf(event: Readonly<Record<string, unknown>>, input: FollowInput): SliceNews {
  switch (event.type) {
    case 'BOOKMARK':
      return { kind: 'alive' };
    case 'DELETED':
      return { kind: 'gone' };
    case 'ADDED':
    case 'MODIFIED': {
      const content = readSlice(event.object);
      if (content.kind === 'rubbish') throw rubbish(input, content.why);
      return content;
    }
    default:
      throw rubbish(input, 'an event has no type that is known');
  }
}

async function* linesOf(stream: IncomingMessage, input: FollowInput): AsyncGenerator<string> {
  const idle = setTimeout(() => stream.destroy(new Error(`nothing came for ${input.idleMs} ms`)), input.idleMs);
  let partial = '';
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      idle.refresh();
      const lines = `${partial}${chunk}`.split('\n');
      partial = lines.pop() ?? '';
      if (partial.length > mostBytes) throw new Error('an event is longer than 1 MiB');
      yield* lines.filter((line) => line.trim() !== '');
    }
  } catch (cause) {
    throw cause instanceof Failure ? cause : unanswered(input.master, cause);
  } finally {
    clearTimeout(idle);
    stream.destroy();
  }
}

async function readAll(stream: IncomingMessage, input: FollowInput): Promise<string> {
  const late = setTimeout(() => stream.destroy(new Error(`no whole answer within ${input.answerMs} ms`)), input.answerMs);
  let text = '';
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      text += chunk;
      if (text.length > mostBytes) throw new Error('its answer is longer than 1 MiB');
    }
    return text;
  } catch (cause) {
    throw unanswered(input.master, cause);
  } finally {
    clearTimeout(late);
  }
}

function parseJson(text: string, input: FollowInput): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw rubbish(input, 'it is not JSON');
  }
}

function rubbish({ master }: FollowInput, why: string): Failure {
  const where = addressText(master);
  return new Failure('KUBERNETES', `${where} answers rubbish for EndpointSlice default/kubernetes: ${why}`, {
    remedy: `kubectl --server https://${where} --namespace default get endpointslices kubernetes --output yaml`,
  });
}
