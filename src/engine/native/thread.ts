import { parentPort, workerData } from 'node:worker_threads';
import { type CrewPlan, joinCrew } from './crew.ts';

const { plan, thread } = workerData as { plan: CrewPlan; thread: number };
const member = joinCrew(plan, thread);
parentPort!.postMessage('ready');
while (member.obey());
