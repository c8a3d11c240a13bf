import { parentPort, workerData } from 'node:worker_threads';
import { type CrewPlan, joinCrew } from './crew.ts';

const { plan, thread } = workerData as { plan: CrewPlan; thread: number };
const member = joinCrew(plan, thread);
parentPort!.postMessage('ready');
try {
  while (member.obey());
} catch (error) {
  // The first thread knows by the shared memory and says it; this one's own words go to the console.
  console.error(error);
}
