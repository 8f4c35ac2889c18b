/** Which master is asked next, and with what: the first healthy one that did not just fail. */

import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import type { DiscoverySettings } from '../settings.ts';
import type { MasterAccess } from './ask-master.ts';
import { readCredentials } from './credentials.ts';

export interface ChooseInput {
  readonly settings: Pick<DiscoverySettings, 'kubeconfig'>;
  /** The healthy ones, best first. */
  readonly masters: () => readonly Address[];
  /** PEM file; undefined: the kubeconfig's own CA. */
  readonly caFile: string | undefined;
  readonly serverName?: string | undefined;
}

/** wait: not possible yet, and nothing is wrong. */
export type Choice = { readonly kind: 'wait'; readonly why: string } | { readonly kind: 'ask'; readonly access: MasterAccess };

/** Read anew at each connection. Throws Failure KUBERNETES for a kubeconfig or a CA that cannot be used. */
export async function chooseMaster(input: ChooseInput, failed: ReadonlySet<string>): Promise<Choice> {
  const { settings, caFile } = input;
  const credentials = await readCredentials(settings.kubeconfig);
  if (credentials === undefined) return { kind: 'wait', why: `${settings.kubeconfig} or a file that it names is not there yet` };
  const ca = caFile === undefined ? credentials.ca : await readCa(caFile);
  if (ca === undefined && caFile !== undefined) return { kind: 'wait', why: `${caFile} is not there yet` };
  if (ca === undefined) {
    throw new Failure('KUBERNETES', `${settings.kubeconfig} names no CA, and without one no master is believed`, {
      remedy: 'name the cluster’s CA: --ca-file /etc/kubernetes/pki/ca.crt',
    });
  }
  checkCa(ca, caFile ?? settings.kubeconfig);
  const masters = input.masters();
  const master = masters.find((one) => !failed.has(addressText(one))) ?? masters[0];
  if (master === undefined) return { kind: 'wait', why: 'no master is healthy' };
  return { kind: 'ask', access: { master, ca, credentials, serverName: input.serverName } };
}

async function readCa(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Failure('KUBERNETES', `${file} cannot be read`, { cause, remedy: `see who may read it: ls -l ${file}` });
  }
}

function checkCa(ca: string, source: string): void {
  try {
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('there is no certificate in it');
    createSecureContext({ ca });
  } catch (cause) {
    throw new Failure('KUBERNETES', `the CA in ${source} is none`, { cause, remedy: `openssl x509 -noout -subject -in ${source}` });
  }
}
