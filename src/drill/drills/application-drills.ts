/** The drills that do something to an application while its requests are counted (seed 004). */

import { type Exercise, exercises } from '../application/exercise.ts';
import { spareMaster } from './choose-victims.ts';
import type { Drill } from './drill.ts';

const summaries: Readonly<Record<Exercise, string>> = {
  scale: 'an application is scaled out and in',
  'rolling-update': 'an application is updated pod by pod: no request may be lost',
  'self-healing': 'pods of an application are killed, and replaced',
  'node-drain': 'a node is drained, and takes pods again',
};

export const applicationDrills: readonly Drill[] = exercises.flatMap((exercise) => [
  applicationDrill(exercise, false),
  applicationDrill(exercise, true),
]);

function applicationDrill(exercise: Exercise, masterDown: boolean): Drill {
  return {
    name: masterDown ? `${exercise}-while-a-master-is-down` : exercise,
    group: 'application',
    summary: `${summaries[exercise]}${masterDown ? ', while a master is down' : ''}`,
    act: { kind: 'exercise', exercise, masterDown },
    expects: 'service',
    holdSeconds: 0,
    choose: masterDown ? spareMaster : () => ({ victims: [], because: 'all machines stay up' }),
  };
}
