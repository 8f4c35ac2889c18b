/** The plan as text and as JSON. */

import { expect, test } from 'vitest';
import { Secret } from '../model/secret.ts';
import type { Step } from '../model/step.ts';
import { planText, printPlan } from './print-plan.ts';

const step = (host: string, id: string, title: string): Step => ({
  id,
  host,
  title,
  action: { kind: 'file', path: '/etc/x', content: new Secret('hush-hush'), mode: 0o600, owner: 'root:root' },
});
const steps = [
  step('m1', 'machine/hosts', 'name the machines'),
  step('m2', 'machine/hosts', 'name the machines'),
  step('m1', 'images/upload-a', 'upload a'),
  step('m2', 'images/upload-a', 'upload another a'),
];

test('planText: phases, steps, and the hosts that share a step on one line', () => {
  expect(planText(steps)).toBe(`machine
  name the machines  [m1, m2]
images
  upload a  [m1]
  upload another a  [m2]
4 steps on 2 machines.
`);
});

test('planText: nothing to do', () => {
  expect(planText([])).toBe('Nothing to do: the machines are as the cluster file says.\n');
});

test('printPlan: JSON names the steps and shows no content', () => {
  let text = '';
  printPlan(steps.slice(0, 1), { json: true, stream: { write: (more) => (text += more) } });
  expect(JSON.parse(text)).toEqual({ steps: [{ id: 'machine/hosts', host: 'm1', title: 'name the machines', kind: 'file' }] });
});
