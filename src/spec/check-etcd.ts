/** External etcd: members in an odd number, on hosts of role etcd or at endpoints that can be asked, with the files to ask them. */

import type { Draft } from './draft.ts';
import type { DraftEtcd } from './draft-choices.ts';
import { describeEndpoint } from './etcd-endpoint.ts';
import { evenArithmetic, manyMembers } from './even-arithmetic.ts';
import { describeValue, type Finding, type Meaning, type Path } from './finding.ts';

const nothing: Meaning = { findings: [], warnings: [] };

export function etcdFindings(draft: Draft, allowEven: boolean): Meaning {
  const { etcd } = draft;
  if (etcd === undefined || etcd.topology === 'stacked') return nothing;
  return etcd.endpoints === undefined ? hosted(draft, etcd, allowEven) : foreign(draft, etcd, allowEven);
}

function hosted(draft: Draft, etcd: DraftEtcd, allowEven: boolean): Meaning {
  const files = Object.entries(etcd.files).flatMap(([key, value]): readonly Finding[] =>
    value === undefined
      ? []
      : [
          {
            path: ['spec', 'etcd', key],
            at: 'key',
            message: 'without endpoints trivet makes the certificates itself',
            expected: 'endpoints of your own etcd beside it, or this left out',
          },
        ],
  );
  const members = draft.hosts.filter((host) => host.isEtcd);
  if (!draft.rolesAreKnown) return { ...nothing, findings: files };
  if (members.length === 0) {
    // Whoever names files has an etcd of their own, and is told about its endpoints already.
    const expected = 'three hosts of role etcd (masters may have it too), or endpoints of an etcd of your own';
    const none: Finding = { path: etcd.path, at: 'value', message: 'external etcd without members: no host has the role etcd', expected };
    return { ...nothing, findings: files.length === 0 ? [none] : files };
  }
  const counted = count(members.length, 'etcd members', members.at(-1)?.path ?? etcd.path, allowEven);
  return { ...counted, findings: [...files, ...counted.findings] };
}

function foreign({ profile }: Draft, { endpoints, ...etcd }: DraftEtcd, allowEven: boolean): Meaning {
  const path = ['spec', 'etcd', 'endpoints'];
  const files = Object.entries(etcd.files).flatMap(([key, value]): readonly Finding[] => {
    if (value !== undefined) return [];
    return [{ path: ['spec', 'etcd', key], at: 'value', message: 'missing', expected: `${fileTexts.get(key)}, on this computer` }];
  });
  if (!Array.isArray(endpoints)) return { ...nothing, findings: files };
  const texts: readonly unknown[] = endpoints;
  if (texts.length === 0) {
    const expected = 'client URLs such as https://192.0.2.31:2379, one for each member; or no endpoints, and hosts of role etcd';
    return { ...nothing, findings: [{ path, at: 'value', message: 'no endpoint', expected }, ...files] };
  }
  const wrong = texts.flatMap((text, index) => wrongEndpoint(text, texts.slice(0, index), [...path, index]));
  const timing =
    profile === 'good-lan' ? ['profile good-lan does not reach an etcd of your own: its heartbeat and election stay as they are.'] : [];
  // An endpoint that cannot be read may be the one too many.
  const counted = wrong.length > 0 ? nothing : count(texts.length, 'etcd endpoints', path, allowEven);
  return { findings: [...wrong, ...counted.findings, ...files], warnings: [...counted.warnings, ...timing] };
}

const fileTexts: ReadonlyMap<string, string> = new Map([
  ['caFile', "the CA of your etcd's certificates"],
  ['certFile', 'a client certificate for your etcd'],
  ['keyFile', "the client certificate's key"],
]);

function wrongEndpoint(text: unknown, before: readonly unknown[], path: Path): readonly Finding[] {
  // The schema has said already that it is no text.
  if (typeof text !== 'string' || text === '') return [];
  const endpoint = describeEndpoint(text);
  if (endpoint.kind === 'wrong') {
    const { message = `${describeValue(text)} is not valid`, suggestion } = endpoint;
    const expected = 'a URL such as https://192.0.2.31:2379';
    return [{ path, at: 'value', message, expected, ...(suggestion === undefined ? {} : { suggestion }) }];
  }
  const same = before.findIndex((other) => {
    const known = typeof other === 'string' ? describeEndpoint(other) : undefined;
    return known?.kind === 'ok' && known.address === endpoint.address;
  });
  if (same === -1) return [];
  return [{ path, at: 'value', message: `${text} is there already, as endpoint ${same + 1}`, expected: 'each member once' }];
}

function count(members: number, what: string, path: Path, allowEven: boolean): Meaning {
  if (members % 2 === 1) return members > 7 ? { ...nothing, warnings: [manyMembers(members, what)] } : nothing;
  const arithmetic = evenArithmetic(members, what);
  if (allowEven) return { ...nothing, warnings: [arithmetic] };
  const expected = `${members - 1} or ${members + 1}; --allow-even accepts ${members}`;
  return { ...nothing, findings: [{ path, at: 'value', message: arithmetic, expected, code: 'EVEN_ETCD' }] };
}
