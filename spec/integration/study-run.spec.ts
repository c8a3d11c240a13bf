import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { slice } from '../../src/data/dataset.ts';
import { pixelStatistics } from '../../src/data/normalize.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import { ExitCode } from '../../src/errors.ts';
import { defineIteration } from '../../src/iterations/define.ts';
import { block, convolution } from '../../src/model/blocks.ts';
import { buildModel } from '../../src/model/build.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Network } from '../../src/model/layers.ts';
import { auditStudy } from '../../src/study/audit.ts';
import { recordsOf } from '../../src/study/expand.ts';
import { fingerprintNow } from '../../src/study/fingerprint.ts';
import { replay } from '../../src/study/replay.ts';
import { studyHead, studyRunOf } from '../../src/study/run.ts';
import type { Study } from '../../src/study/schema.ts';
import { sealStudy } from '../../src/study/store.ts';
import { run, type Run } from '../../src/training/run.ts';
import { train } from '../../src/training/train.ts';
import { setWeights, sha256OfBytes, weightsToBytes } from '../../src/training/weights-file.ts';
import { SHORT_DIGITS as DIGITS, TINY } from '../support/tiny-iteration.ts';

const AVERAGED = defineIteration({ ...TINY, recipe: { ...TINY.recipe, weightAveraging: { decay: 0.99 } } });

let backend: Backend;
let runs: Run[];
let study: Study;
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
  runs = [];
  for (const seed of [1, 2]) runs.push(await run({ iteration: AVERAGED, data: DIGITS, backend, seed }));
  study = sealStudy({ ...studyHead(runs[0]!.record), runs: runs.map((each) => studyRunOf(each, DIGITS)) });
}, 60_000);

describe('a study of runs that were trained', () => {
  test('stands up to the audit, with the labels and the full record at hand', () => {
    const { train: trained, test: tested, sha256, classes } = DIGITS;
    const flaws = auditStudy(study, {
      id: AVERAGED.id,
      backend: 'wasm',
      seeds: [1, 2],
      fingerprint: fingerprintNow(AVERAGED, backend, sha256),
      epochs: AVERAGED.recipe.epochs,
      data: { sha256, train: trained.count, test: tested.count, classes },
      labels: tested.labels,
      record: runs[0]!.record,
    });
    expect(flaws).toEqual([]);
  });

  test('holds the hash of the weights after every epoch, each another, the last that of the file', () => {
    for (const [i, { weights, weightsAfter }] of runs.entries()) {
      expect(new Set(weightsAfter).size).toBe(AVERAGED.recipe.epochs);
      expect(weightsAfter.at(-1)).toBe(sha256OfBytes(weights));
      expect(study.runs[i]!.weights).toEqual(weightsAfter);
    }
  });

  test('trains the same weights with and without averaging them', async () => {
    const plain = await run({ iteration: TINY, data: DIGITS, backend, seed: 1 });
    const trainOf = ({ record }: Run) =>
      record.epochs.map(({ trainCorrect, trainLoss }) => [trainCorrect, trainLoss]);
    expect(trainOf(runs[0]!)).toEqual(trainOf(plain));
    expect(runs[0]!.weightsAfter).not.toEqual(plain.weightsAfter);
  });

  test('gives back the records of its runs from one of them, but for file, seal and clock', () => {
    const expanded = recordsOf(study, runs[0]!.record);
    expect(expanded[0]).toEqual(runs[0]!.record);
    const { weights, seal: _, seconds: __, epochs, ...rest } = expanded[1]!;
    const whole = runs[1]!.record;
    expect(whole).toMatchObject(rest);
    expect(weights.sha256).toBe(whole.weights.sha256);
    expect(epochs.map((epoch) => ({ ...epoch, seconds: 0 }))).toEqual(
      whole.epochs.map((epoch) => ({ ...epoch, seconds: 0 })),
    );
  });

  test('is replayed to the bit', async () => {
    const { parting } = await replay({ iteration: AVERAGED, study, seed: 2, data: DIGITS, backend });
    expect(parting).toBeUndefined();
  });

  test('with one figure edited and sealed anew parts at that epoch', async () => {
    const [first, second] = study.runs;
    const testCorrect = second!.testCorrect.with(1, second!.testCorrect[1]! + 1);
    const edited = sealStudy({ ...study, runs: [first!, { ...second!, testCorrect }] });
    const { parting } = await replay({ iteration: AVERAGED, study: edited, seed: 2, data: DIGITS, backend });
    expect(parting).toMatchObject({ epoch: 2, figure: 'test images right' });
  });

  test('of another recipe is stale and not compared', async () => {
    const recipe = { ...AVERAGED.recipe, epochs: 1, weightDecay: 0 };
    await expect(
      replay({ iteration: { ...AVERAGED, recipe }, study, seed: 1, data: DIGITS, backend }),
    ).rejects.toMatchObject({
      exitCode: ExitCode.missing,
      message: expect.stringContaining('stale') as string,
    });
  });
});

test('hashing the averaged weights after each epoch leaves the training of plain operations as it is', async () => {
  const cpu = await selectBackend({ force: 'cpu' });
  const data = { ...DIGITS, train: slice(DIGITS.train, 0, 32), test: slice(DIGITS.test, 0, 10) };
  const network: Network = {
    input: [28, 28, 1],
    layers: [{ type: 'maxPool', size: 4 }, ...block(2), convolution(10), { type: 'globalAveragePool' }],
  };
  const recipe = { ...AVERAGED.recipe, epochs: 2, batch: 16 };
  const { weights } = await run({ iteration: { ...TINY, network, recipe }, data, backend: cpu, seed: 1 });

  const statistics = pixelStatistics(recipe, data.train);
  const model = buildModel(network, { name: 'plain' });
  setWeights(model, initialWeights(model, 1));
  const engine = createStockEngine({ model, recipe, seed: 1, train: data.train, statistics });
  await train({ engine, recipe, data, seed: 1 });
  engine.writeWeights();
  const plain = weightsToBytes(model);
  engine.dispose();
  model.dispose();
  expect(isDeepStrictEqual(weights, plain)).toBe(true);
});
