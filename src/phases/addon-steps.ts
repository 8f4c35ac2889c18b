/** Steps that change kubeadm's addons through the API, and wait for them. Several tries: etcd may be changing its members. */

import type { JsonObject } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import type { CommandAction, Step } from '../model/step.ts';

export type Kind = 'deployment' | 'daemonset';

/** On a machine that is no master yet nothing is tried again and again. */
const prelude = `test -s /etc/kubernetes/admin.conf || exit 1
k() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s -n kube-system "$@"; }
try() { for i in 1 2 3 4; do "$@" && return; sleep 1; done; "$@"; }
`;

const hint = 'kubectl -n kube-system get pods -o wide; kubectl -n kube-system describe NAME tells what it still lacks';

/**
 * `target` is deployment/coredns or the like; the patch is a strategic merge. It is made when a trial on the apiserver would not
 * count as a new generation: kubectl's own "(no change)" is not to be had while a controller writes the object's status.
 */
export function patchStep(host: Host, id: string, title: string, target: string, patch: JsonObject): Step {
  return command(host, id, title, {
    argv: [...script('try k patch "$1" -p "$2"'), target, JSON.stringify(patch)],
    check: [
      ...script(
        `generation='jsonpath={.metadata.generation}'
have=$(try k get "$1" -o "$generation") && would=$(try k patch "$1" -p "$2" --dry-run=server -o "$generation") && test "$have" = "$would"`,
      ),
      target,
      JSON.stringify(patch),
    ],
  });
}

/** Pods that wait for a first node to run on are ended first: they would only start beside the ones that replace them. */
export function beginAgainStep(host: Host, id: string, title: string, target: string): Step {
  return command(host, id, title, {
    argv: [...script('try k scale "$1" --replicas=0'), target],
    // Done as well when some have come to serve since.
    check: [
      ...script(
        `have=$(try k get "$1" -o 'jsonpath={.spec.replicas}/{.status.availableReplicas}') && case $have in 0/* | */[1-9]*) ;; *) exit 1 ;; esac`,
      ),
      target,
    ],
  });
}

/** Makes an object that is not there. */
export function createStep(host: Host, id: string, title: string, target: string, object: JsonObject): Step {
  return command(host, id, title, {
    argv: [...script('object=$(cat); create() { printf %s "$object" | k create -f - || k get "$1" -o name; }; try create "$1"'), target],
    stdin: JSON.stringify(object),
    check: [...script('test -n "$(try k get "$1" -o name --ignore-not-found)"'), target],
  });
}

/** Several objects, each in the namespace that it names. Done when the apiserver would change nothing. */
export function applyStep(host: Host, id: string, title: string, objects: readonly JsonObject[]): Step {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const kubectl = 'printf %s "$1" | kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s';
  return command(host, id, title, {
    argv: [...script(`apply() { ${kubectl} apply -f -; }; try apply "$1"`), list],
    check: [...script(`${kubectl} diff -f - > /dev/null`), list],
  });
}

export function deleteStep(host: Host, id: string, title: string, target: string): Step {
  return command(host, id, title, {
    argv: [...script('try k delete "$1" --ignore-not-found --wait=false'), target],
    check: [...script('left=$(try k get "$1" -o name --ignore-not-found) && test -z "$left"'), target],
  });
}

/** Waits until the controller has seen the object as it is now, and at least so many of its pods are new and available. */
export function availableStep(host: Host, id: string, title: string, kind: Kind, pods: number): Step {
  const fields =
    kind === 'daemonset'
      ? '{.status.updatedNumberScheduled} {.status.numberAvailable}'
      : '{.status.updatedReplicas} {.status.availableReplicas}';
  return {
    id,
    host: host.name,
    title,
    action: {
      kind: 'wait',
      argv: [
        ...script(`have=$(k get "$1/coredns" -o 'jsonpath={.metadata.generation} {.status.observedGeneration} ${fields}') || exit 1
echo "generation, observed, updated, available: $have"
pods=$2; set -- $have; test "$1" = "$2" && test "\${3:-0}" -ge "$pods" && test "\${4:-0}" -ge "$pods"`),
        kind,
        String(pods),
      ],
      everySeconds: 0.5,
      deadlineSeconds: 180,
      hint,
    },
  };
}

function command(host: Host, id: string, title: string, action: Pick<CommandAction, 'argv' | 'check' | 'stdin'>): Step {
  return { id, host: host.name, title, action: { kind: 'command', timeoutSeconds: 120, hint, ...action } };
}

function script(text: string): readonly string[] {
  return ['sh', '-c', prelude + text, 'addons'];
}
