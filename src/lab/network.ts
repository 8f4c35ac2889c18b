/** The lab's network: a switch in a namespace of its own, a namespace and a cable per machine, and no way out. */

import { readdir } from 'node:fs/promises';
import { runLocal } from '../local/run-local.ts';
import { machineId, switchNamespace } from './lab-names.ts';
import { hardwareAddress, type LabMachine, labNetwork } from './lab-plan.ts';
import { runTool, toolPath } from './run-tool.ts';

const { controller, prefixLength } = labNetwork;

/** Makes the switch unless it is there; a half-made one is made anew. */
export async function ensureSwitch(lab: string): Promise<void> {
  const namespace = switchNamespace(lab);
  if (await linkIsUp(namespace, 'br0')) return;
  await addNamespace(namespace);
  // Bridged traffic must not pass the switch's own packet filter, and a machine that asks for the world hears «unreachable» at once.
  const settings = 'echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables; echo 1 > /proc/sys/net/ipv4/ip_forward';
  await runTool(['ip', 'netns', 'exec', namespace, 'sh', '-c', `{ ${settings}; } 2> /dev/null; true`]);
  await batch(namespace, [
    'link set lo up',
    'link add br0 type bridge stp_state 0 forward_delay 0',
    `address add ${controller}/${prefixLength} dev br0`,
    'route add unreachable default',
    'link set br0 up',
  ]);
}

/** A fresh namespace for a machine, with its address, and its cable to the switch; for a kernel of its own only the cable. */
export async function connectMachine(lab: string, machine: LabMachine): Promise<void> {
  const inside = machineId(lab, machine.name);
  await disconnectMachine(lab, machine.name);
  if (machine.kind === 'uml') {
    await batch(switchNamespace(lab), [`tuntap add dev ${machine.name} mode tap`, `link set ${machine.name} master br0 up`]);
    return;
  }
  await addNamespace(inside);
  const address = hardwareAddress(machine.address);
  await batch(switchNamespace(lab), [
    `link add ${machine.name} type veth peer name eth0 address ${address} netns ${inside}`,
    `link set ${machine.name} master br0 up`,
  ]);
  await batch(inside, [
    'link set lo up',
    `address add ${machine.address}/${prefixLength} dev eth0`,
    'link set eth0 up',
    `route add default via ${controller}`,
  ]);
}

/** Pulls the cable on the switch's side: from here on not a frame of the machine arrives anywhere. */
export async function pullCable(lab: string, machine: string): Promise<void> {
  await attempt(['ip', '-n', switchNamespace(lab), 'link', 'set', machine, 'down']);
}

/** Removes cable and namespace; closed sockets that still wait for answers keep the namespace alive for a while, but cut off. */
export async function disconnectMachine(lab: string, machine: string): Promise<void> {
  await attempt(['ip', '-n', switchNamespace(lab), 'link', 'delete', machine]);
  await removeNamespace(machineId(lab, machine));
}

export async function removeNamespace(namespace: string): Promise<void> {
  if ((await namespaces()).includes(namespace)) await attempt(['ip', 'netns', 'delete', namespace]);
}

export async function cableIsUp(lab: string, { name, kind }: LabMachine): Promise<boolean> {
  if (!(await linkIsUp(switchNamespace(lab), name))) return false;
  return kind === 'uml' || linkIsUp(machineId(lab, name), 'eth0');
}

/** Names of all named network namespaces of the box. */
export async function namespaces(): Promise<readonly string[]> {
  return readdir('/run/netns').catch(() => []);
}

/** Deletes first: what a killed `ip netns add` leaves is a name without a namespace. */
async function addNamespace(namespace: string): Promise<void> {
  await removeNamespace(namespace);
  await runTool(['ip', 'netns', 'add', namespace]);
}

async function linkIsUp(namespace: string, link: string): Promise<boolean> {
  if (!(await namespaces()).includes(namespace)) return false;
  const result = await attempt(['ip', '-n', namespace, '-o', 'link', 'show', 'dev', link, 'up']);
  return result.code === 0 && result.stdout.trim() !== '';
}

function batch(namespace: string, lines: readonly string[]): Promise<string> {
  return runTool(['ip', '-n', namespace, '-batch', '-'], { stdin: `${lines.join('\n')}\n` });
}

function attempt(argv: readonly string[]) {
  return runLocal(argv, { env: { PATH: toolPath() } });
}
