import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Backend, selectBackend } from '../backend/select.ts';
import { slice } from '../data/dataset.ts';
import { loadMnist } from '../data/mnist.ts';
import { messageOf } from '../errors.ts';
import type { Iteration } from '../iterations/define.ts';
import { findIteration, iterations } from '../iterations/index.ts';
import { buildModel } from '../model/build.ts';
import { initialWeights } from '../model/initialize.ts';
import type { RunRecord } from '../record.ts';
import type { BackendMeasured, BackendRow, RecordMeasured } from '../report/backends.ts';
import { createEngine } from '../engine/choose.ts';
import { survey } from '../training/survey.ts';
import { RUNS_FOLDER } from '../training/store.ts';
import { setWeights } from '../training/weights-file.ts';
import { SEED, stepImages, stepper } from './steps.ts';
import { countCorrect, furthest, logitsOfRecord } from './logits.ts';

/**
 * Measures one backend in a process of its own and writes a BackendRow to `folder`/`backend`.json, so that TensorFlow's
 * threads and memory are not there while another is timed. WASM, which is first, leaves its answers for the others.
 */

const ITERATION = '5';
const WARM_UP_STEPS = 3;
/** The cpu backend takes half a second for an image where others take half a millisecond. */
const SIZES = {
  tensorflow: { images: 10_000, batch: 64, steps: 40 },
  wasm: { images: 10_000, batch: 64, steps: 40 },
  cpu: { images: 50, batch: 4, steps: 3 },
} as const;
const ROLES = {
  wasm: 'the fallback, and what the committed records come from',
  cpu: 'the oracle of the tests',
};

const { values } = parseArgs({ options: { backend: { type: 'string' }, folder: { type: 'string' } } });
const name = values.backend as Backend['name'];
const folder = values.folder!;
const row = await rowOf().catch((error: unknown): BackendRow => ({ name, missing: messageOf(error) }));
writeFileSync(join(folder, `${name}.json`), JSON.stringify(row));

async function rowOf(): Promise<BackendRow> {
  // Not forced, tfjs-node says why it is not used.
  const backend = await selectBackend({ force: name === 'tensorflow' ? undefined : name });
  if (backend.name !== name) return { name, missing: backend.reason };
  const { test } = await loadMnist();
  const set = slice(test, 0, SIZES[name].images);
  const all = (['wasm', 'tensorflow'] as const).flatMap((trainedOn) =>
    iterations.flatMap((iteration) => fittingRecord(iteration, trainedOn)),
  );
  const reason = backend.name === 'tensorflow' ? backend.reason : ROLES[backend.name];
  return {
    name,
    version: backend.version,
    reason,
    step: await timeSteps(backend),
    records: all.map((record) => measureRecord(record, set)),
  };
}

/** The first record of an iteration that still fits it: the weights of another would mean nothing in its network. */
function fittingRecord(iteration: Iteration, trainedOn: Backend['name']): RunRecord[] {
  const model = buildModel(iteration.network);
  try {
    const request = { model, folder: RUNS_FOLDER, backend: { name: trainedOn } };
    return survey(iteration, request).fitting.slice(0, 1);
  } finally {
    model.dispose();
  }
}

function measureRecord(record: RunRecord, set: Parameters<typeof countCorrect>[1]): RecordMeasured {
  const logits = logitsOfRecord(record, RUNS_FOLDER, set);
  const file = join(folder, `${record.weights.file}.answers`);
  if (name === 'wasm') writeFileSync(file, new Uint8Array(logits.buffer));
  const ofWasm = new Float32Array(new Uint8Array(readFileSync(file)).buffer);
  return {
    id: record.id,
    trainedOn: record.backend.name,
    images: set.count,
    correct: countCorrect(logits, set),
    ...(set.count === record.data.test && { recorded: record.epochs.at(-1)!.testCorrect }),
    furthest: furthest(logits, ofWasm),
  };
}

async function timeSteps(backend: Backend): Promise<BackendMeasured['step']> {
  const { batch, steps } = SIZES[name];
  const { network, recipe: declared } = findIteration(ITERATION);
  const recipe = { ...declared, batch };
  const train = stepImages(network);
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  const engine = createEngine({ backend, model, recipe, seed: SEED, train, threads: 1 });
  await engine.ready;
  const step = stepper(engine, recipe, train.count);
  for (let i = 0; i < WARM_UP_STEPS; i++) step();
  const times = Array.from({ length: steps }, () => {
    const start = performance.now();
    step();
    return performance.now() - start;
  });
  engine.dispose();
  model.dispose();
  const milliseconds = times.toSorted((a, b) => a - b)[Math.floor(steps / 2)]!;
  return { iteration: ITERATION, images: batch, steps, milliseconds };
}
