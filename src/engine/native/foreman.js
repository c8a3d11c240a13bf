import { parentPort, Worker, workerData } from 'node:worker_threads';
import { LEFT, placeOf, setFree, tell } from './told.js';

/**
 * Starts the other threads of an engine and looks after them. The first thread cannot: it stands in a barrier, its event loop
 * with it, and would wait for one that has run out of memory or was ended. This one has nothing else to do, and sets it free.
 *
 * @typedef {object} Job
 * @property {import('./crew.ts').CrewPlan} plan
 * @property {string} start What a thread runs: JavaScript.
 * @property {import('node:worker_threads').ResourceLimits} [resourceLimits]
 */
const { plan, start, resourceLimits } = /** @type {Job} */ (workerData);
let listening = 0;

for (let thread = 1; thread < plan.threads; thread++) {
  const worker = new Worker(start, {
    eval: true,
    workerData: { plan, thread },
    ...(resourceLimits && { resourceLimits }),
  });
  let why = 'it was ended';
  worker.on('message', () => {
    if (++listening === plan.threads - 1) parentPort?.postMessage('ready');
  });
  worker.on('error', (error) => {
    why = error.message;
  });
  worker.on('exit', () => {
    if (placeOf(plan.told, thread)[0] === LEFT) return;
    tell(plan.told, thread, why);
    setFree(plan.memory.buffer, plan.places.meeting);
    setFree(plan.memory.buffer, plan.places.start);
    parentPort?.postMessage('failed');
  });
}
