/** One etcd member, asked over its gRPC gateway on a connection that is kept. */

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { z } from 'zod';
import type { AgentSamples } from './agent-plan.ts';

export interface MemberLook {
  /** Empty until the member has told its name. */
  readonly member: string;
  readonly state: 'healthy' | 'unhealthy' | 'learner';
  readonly answers: boolean;
  readonly term: number;
  /** The name of the member that it takes for the leader. */
  readonly leader?: string;
}

const timeoutMs = 1000;

/** 64-bit numbers come as texts. */
const statusSchema = z.object({
  header: z.object({ member_id: z.string(), raft_term: z.coerce.number().optional() }),
  leader: z.string().optional(),
  raftTerm: z.coerce.number().optional(),
  isLearner: z.boolean().optional(),
  errors: z.array(z.string()).optional(),
});
const membersSchema = z.object({ members: z.array(z.object({ ID: z.string(), name: z.string().optional() })) });

/** Never throws: what does not answer within a second is unhealthy. Certificates are read anew until there is an answer. */
export function etcdMember({ url, caFile, certFile, keyFile }: NonNullable<AgentSamples['etcd']>): {
  readonly look: () => Promise<MemberLook>;
  readonly close: () => void;
} {
  let agent: Agent | undefined;
  let names: ReadonlyMap<string, string> = new Map();
  let own = '';

  function post(path: string): Promise<unknown> {
    agent ??= new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: readFileSync(caFile),
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
    });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call = request(new URL(path, url), { agent, method: 'POST', signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    call.once('error', reject);
    call.end('{}');
    return promise;
  }

  async function nameOf(id: string): Promise<string> {
    if (!names.has(id)) {
      // Of this member's own knowledge: it answers without a quorum too.
      const { members } = membersSchema.parse(await post('/v3/cluster/member/list'));
      names = new Map(members.map((member) => [member.ID, member.name ?? '']));
    }
    return names.get(id) ?? id;
  }

  async function look(): Promise<MemberLook> {
    try {
      const { header, leader, raftTerm, isLearner, errors } = statusSchema.parse(await post('/v3/maintenance/status'));
      own = await nameOf(header.member_id);
      const term = raftTerm ?? header.raft_term ?? 0;
      const learner = isLearner === true;
      const led = leader !== undefined && leader !== '0';
      const state = learner ? 'learner' : led && (errors ?? []).length === 0 ? 'healthy' : 'unhealthy';
      return { member: own, state, answers: true, term, ...(led ? { leader: await nameOf(leader) } : {}) };
    } catch {
      if (own === '') {
        agent?.destroy();
        agent = undefined;
      }
      return { member: own, state: 'unhealthy', answers: false, term: 0 };
    }
  }

  return { look, close: () => agent?.destroy() };
}
