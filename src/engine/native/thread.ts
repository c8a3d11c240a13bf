import { parentPort, workerData } from 'node:worker_threads';
import { type CrewPlan, serve } from './crew.ts';

const { plan, thread } = workerData as { plan: CrewPlan; thread: number };
serve(plan, thread, () => parentPort!.postMessage('ready'));
