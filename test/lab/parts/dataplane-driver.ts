/** Runs in a machine of the lab: a data plane as the daemon has it, driven by lines on standard input. Bundled by dataplane-on-machine.ts. */

import { createInterface } from 'node:readline';
import { addressText, parseAddress } from '../../../src/care/address.ts';
import { cleanDataplane } from '../../../src/care/dataplane/clean-dataplane.ts';
import type { Dataplane, DataplaneInput, Table } from '../../../src/care/dataplane/dataplane.ts';
import { openDataplane } from '../../../src/care/dataplane/open-dataplane.ts';
import { whyNot } from '../../../src/care/dataplane/why-not.ts';
import { isRecord, parseJson, recordsOf } from '../../../src/care/json.ts';
import { Failure } from '../../../src/model/failure.ts';

const logged: string[] = [];
let plane: Dataplane | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const answer = await answerTo(parseJson(line)).catch((error: unknown) => ({
    failure: error instanceof Failure ? { code: error.code, message: error.message, findings: error.findings } : String(error),
  }));
  process.stdout.write(`${JSON.stringify({ ...answer, logged: logged.splice(0), ms: performance.now() - started })}\n`);
}
await plane?.close();
// Those that were opened before it may still have their co-processes.
process.exit();

async function answerTo(request: unknown): Promise<Readonly<Record<string, unknown>>> {
  if (!isRecord(request)) throw new Error('no request');
  switch (request.do) {
    case 'open':
      plane = await openDataplane(kindOf(request.kind), inputOf(request));
      return { kind: plane.kind, detail: plane.detail };
    case 'whyNot': {
      const kind = kindOf(request.kind);
      return { result: kind === 'auto' ? undefined : await whyNot(kind, inputOf(request).service) };
    }
    case 'clean':
      return { result: await cleanDataplane(inputOf(request)) };
    case 'apply':
      return { result: await opened().apply(tableOf(request)) };
    case 'cut':
      return { result: await opened().cut(addressOf(request.backend)) };
    case 'connections':
      return { result: Object.fromEntries(await opened().connections()) };
    case 'close':
      return { result: await opened().close() };
    default:
      throw new Error(`what is ${String(request.do)}?`);
  }
}

function opened(): Dataplane {
  if (plane === undefined) throw new Error('not open');
  return plane;
}

function inputOf(request: Readonly<Record<string, unknown>>): DataplaneInput {
  return {
    service: addressOf(request.service),
    scheduler: 'rr',
    mode: request.mode === 'link' ? 'link' : 'route',
    interface: 'lvscare',
    nodeIp: undefined,
    masqueradeBit: 0,
    stateDirectory: '/var/lib/trivet-care-test',
    log: (level, message) => logged.push(`${level}: ${message}`),
  };
}

function tableOf(request: Readonly<Record<string, unknown>>): Table {
  const targets = recordsOf(request.targets).map(({ backend, weight }) => ({ address: addressOf(backend), weight: Number(weight) }));
  return { kind: request.table === 'reject' ? 'reject' : 'serve', targets };
}

function kindOf(kind: unknown): 'auto' | 'nft' | 'ipvs' | 'proxy' {
  return kind === 'nft' || kind === 'ipvs' || kind === 'proxy' ? kind : 'auto';
}

function addressOf(text: unknown): ReturnType<typeof parseAddress> & {} {
  const address = parseAddress(String(text));
  if (address === undefined) throw new Error(`no address: ${String(text)}`);
  return { ...address, ...parseAddress(addressText(address)) };
}
