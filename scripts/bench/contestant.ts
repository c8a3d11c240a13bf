import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { registerNaive } from '../../src/backend/register.ts';
import { selectBackend } from '../../src/backend/select.ts';
import { valueOr } from '../../src/fact.ts';
import type { ImageSet } from '../../src/data/dataset.ts';
import { pixelStatistics } from '../../src/data/normalize.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { buildModel } from '../../src/model/build.ts';
import { layerCosts, total } from '../../src/model/cost.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import { setWeights } from '../../src/training/weights-file.ts';
import type { ReadyLine } from './contestant-process.ts';
import { ownEngine } from './own-engine.ts';
import { SEED, stepImages, stepper } from '../../src/backends/steps.ts';

/** A contestant of the benchmark that runs in Node; the protocol is in contestant-process.ts. */

/** Their losses show whether all contestants compute the same: that of the second step depends on the first one's gradients. */
const COMPARED_STEPS = 2;

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    /** JSON: network and recipe. */
    task: { type: 'string' },
    threads: { type: 'string', default: '1' },
    images: { type: 'string' },
    warmup: { type: 'string', default: '0' },
  },
});
type Task = Pick<Iteration, 'network' | 'recipe'>;
const declared = JSON.parse(values.task!) as Task;
const batch = Number(values.images ?? declared.recipe.batch);
const task: Task = { ...declared, recipe: { ...declared.recipe, batch } };
const data = stepImages(task.network);

const chosen = await engineOf(values.kind!, Number(values.threads));
if ('absent' in chosen) say(chosen);
else await takePart(chosen);

interface Chosen {
  readonly engine: Engine;
  readonly about: string;
}

async function takePart({ engine, about }: Chosen): Promise<void> {
  const step = stepper(engine, task.recipe, data.count);
  const losses = Array.from({ length: COMPARED_STEPS }, () => step().loss);
  for (let i = 0; i < Number(values.warmup); i++) step();
  const parameters = parametersOf(task);
  // Of another batch there is nothing to compare with.
  say({ ready: about, parameters, ...(batch === declared.recipe.batch && { losses }) });
  for await (const line of createInterface({ input: process.stdin })) {
    const milliseconds = Array.from({ length: Number(line) }, () => {
      const start = performance.now();
      step();
      return performance.now() - start;
    });
    console.log(JSON.stringify({ milliseconds }));
  }
  engine.dispose();
}

async function engineOf(kind: string, threads: number): Promise<Chosen | { readonly absent: string }> {
  if (kind === 'own') {
    // The model only lends its first weights.
    await selectBackend({ force: 'cpu' });
    const engine = await ownEngine(task, { train: data, threads });
    return { engine, about: `engine ${engine.version}, ${engine.threads} threads` };
  }
  // Unforced the backend falls back, and its reason says why.
  const backend = await selectBackend({ force: { stock: 'wasm', naive: 'wasm', cpu: 'cpu' }[kind] });
  if (kind === 'tfjsNode' && backend.name !== 'tensorflow') return { absent: backend.reason };
  if (kind === 'naive') registerNaive();
  return { engine: stockEngine(task, data), about: `${backend.name} ${backend.version}` };
}

function stockEngine({ network, recipe }: Task, train: ImageSet): Engine {
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  const statistics = pixelStatistics(recipe, train);
  return createStockEngine({ model, recipe, seed: SEED, train, statistics });
}

function parametersOf({ network }: Task): number {
  const model = buildModel(network);
  const { parameters } = total(layerCosts(model));
  model.dispose();
  return valueOr(parameters, 0);
}

function say(line: ReadyLine): void {
  console.log(JSON.stringify(line));
}
