/** A daemon in the middle of trouble, for the golden files of what care shows. */

import type { CareStatus } from '../../src/care/status.ts';

export const exampleNow = Date.parse('2026-11-21T12:00:00.000Z');

const before = (seconds: number) => new Date(exampleNow - seconds * 1000).toISOString();

export const exampleStatus: CareStatus = {
  version: '0.2.0',
  pid: 812,
  since: before(86_400 * 3),
  service: '10.103.97.2:6443',
  dataplane: { kind: 'nft', detail: 'nft, table ip trivet-care-10.103.97.2-6443' },
  table: 'serve',
  applies: { done: 7, failed: 1, trouble: null },
  backends: [
    {
      address: '10.0.0.1:6443',
      source: 'static',
      local: true,
      state: 'UP',
      since: before(86_400 * 3 - 0.4),
      why: 'the first good answer',
      trouble: 'none',
      weight: 1,
      transitions: 0,
      looks: { ok: 1_296_000, missed: 2 },
      answers: { count: 1_296_000, seconds: 777.6 },
      lastLook: { kind: 'ping', result: 'ok', at: before(0.1), seconds: 0.0006, detail: 'PING in 0.6 ms' },
      connections: 14,
    },
    {
      address: '10.0.0.2:6443',
      source: 'static',
      local: false,
      state: 'DOWN',
      since: before(41),
      why: '3 looks missed and no fresh connection within 150 ms',
      trouble: 'soft',
      weight: null,
      transitions: 4,
      looks: { ok: 1_295_000, missed: 161, refused: 3 },
      answers: { count: 1_295_000, seconds: 1036 },
      lastLook: { kind: 'connect', result: 'missed', at: before(0.2), seconds: 0.15, detail: 'no connection within 150 ms' },
      connections: 0,
    },
    {
      address: '[fd00::3]:6443',
      source: 'discovered',
      local: false,
      state: 'DRAIN',
      since: before(3),
      why: '503 in 4 ms',
      trouble: 'soft',
      weight: 0,
      transitions: 1,
      looks: { ok: 900, draining: 3 },
      answers: { count: 900, seconds: 1.25 },
      lastLook: { kind: 'check', result: 'draining', at: before(0.5), seconds: 0.004, detail: '503 in 4 ms' },
      connections: null,
    },
  ],
  discovery: {
    kind: 'following',
    via: '10.0.0.1:6443',
    members: ['10.0.0.1:6443', '10.0.0.2:6443', '[fd00::3]:6443'],
    unverified: ['10.0.0.9:6443'],
    lastSuccess: before(20),
  },
  ownStallSeconds: 1.75,
  changes: [
    { at: before(4000), subject: 'members', what: '[fd00::3]:6443 added', why: 'on the cluster’s list' },
    { at: before(41.3), subject: '10.0.0.2:6443', what: 'UP → SUSPECT', why: 'no PING within 150 ms' },
    { at: before(41), subject: '10.0.0.2:6443', what: 'SUSPECT → DOWN', why: '3 looks missed and no fresh connection within 150 ms' },
    { at: before(3), subject: '[fd00::3]:6443', what: 'UP → DRAIN', why: '503 in 4 ms' },
  ],
};
