import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { selectBackend } from '../../src/backend/select.ts';
import { slice, type Dataset } from '../../src/data/dataset.ts';
import { madeUpDigits } from '../../src/data/digits.ts';
import { findMnist } from '../../src/data/mnist.ts';
import { findIteration } from '../../src/iterations/index.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { train } from '../../src/training/train.ts';
import type { EpochRun } from './epochs.ts';
import { ownEngine, repeated } from './own-engine.ts';
import { SEED } from '../../src/backends/steps.ts';

/** A process of its own that trains for some epochs by the loop of every run and says, in a line of JSON, what it took. */

const MEGABYTE = 1024 * 1024;
/** `maxRSS` is in kilobytes. */
const KILOBYTES = 1024;
/** Made-up digits take a while to draw; the time of training does not depend on what they show. */
const DRAWN = 2_000;

const { values } = parseArgs({
  options: {
    iteration: { type: 'string' },
    threads: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '1' },
    images: { type: 'string' },
    test: { type: 'string' },
  },
});

await selectBackend({ force: 'cpu' });
const { network, recipe } = findIteration(values.iteration!);
const data = await dataset(Number(values.images), Number(values.test));
const engine = await ownEngine({ network, recipe }, { train: data.train, threads: Number(values.threads) });
const evaluationSeconds: number[] = [];
const memory: EpochRun['memory'] = [];
const { epochs } = await train({
  engine: timed(engine),
  recipe: { ...recipe, epochs: Number(values.epochs) },
  data,
  seed: SEED,
  progress: {
    onStep: () => undefined,
    onEpoch({ epoch }) {
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      memory.push({ epoch, residentMegabytes: rss / MEGABYTE, heapMegabytes: heapUsed / MEGABYTE });
    },
  },
});
engine.dispose();
await setImmediate();
const result: EpochRun = {
  data: data.name,
  trainingSeconds: epochs.map(({ seconds }, i) => seconds - evaluationSeconds[i]!),
  evaluationSeconds,
  memory,
  peakMegabytes: process.resourceUsage().maxRSS / KILOBYTES,
};
console.log(JSON.stringify(result));

function timed(inner: Engine): Engine {
  return {
    ...inner,
    evaluate(set) {
      const start = performance.now();
      const result = inner.evaluate(set);
      evaluationSeconds.push((performance.now() - start) / 1000);
      return result;
    },
  };
}

/** MNIST where it is at hand, else made-up digits. */
async function dataset(images: number, test: number): Promise<Dataset> {
  const mnist = await findMnist();
  if (mnist) {
    return {
      ...mnist,
      train: slice(mnist.train, 0, Math.min(images, mnist.train.count)),
      test: slice(mnist.test, 0, Math.min(test, mnist.test.count)),
    };
  }
  const drawn = madeUpDigits({ seed: SEED, train: Math.min(images, DRAWN), test: Math.min(test, DRAWN) });
  return { ...drawn, train: repeated(drawn.train, images), test: repeated(drawn.test, test) };
}
