import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type CrewPlan, serve } from '../../src/engine/native/crew.ts';

/** A thread of the native engine that fails in the middle of its fifth step, in the way that the variable FAULT names. */
const { plan, thread } = workerData as { plan: CrewPlan; thread: number };
const [fault, at] = [process.env['FAULT'], 5];
let looks = 0;

const FAULTS: Readonly<Record<string, () => void>> = {
  throw() {
    throw new Error('the images are gone');
  },
  end: () => process.exit(),
  memory() {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 200_000 }).fill(kept.length + 0.5));
  },
};

/** The images, until they have been looked at often enough. */
const pixels = plan.train!.pixels;
const images = {
  ...plan.train!,
  get pixels() {
    if (thread === 1 && ++looks > at * 8) {
      writeSync(2, `fault at ${Date.now()}\n`);
      FAULTS[fault!]!();
    }
    return pixels;
  },
};

if (fault === 'start') throw new Error('nothing to stand on');
serve({ ...plan, train: images }, thread, () => parentPort!.postMessage('ready'));
