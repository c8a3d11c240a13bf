import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { normalization, pixelStatistics } from '../../src/data/normalize.ts';
import { fit, trainNetwork } from '../../src/own-model/fit.ts';
import { runRecordSchema } from '../../src/record.ts';
import { DIGITS, NETWORK, RECIPE } from '../support/tiny-iteration.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
});

const SHORT = { ...RECIPE, epochs: 1 };
/** Few, as the plain way is slow. */
const FEW = { ...DIGITS, train: { ...DIGITS.train } };

function small(last: tfl.layers.Layer): tfl.LayersModel {
  return tfl.sequential({
    name: 'small',
    layers: [
      tfl.layers.inputLayer({ inputShape: [28, 28, 1] }),
      tfl.layers.averagePooling2d({ poolSize: 4 }),
      tfl.layers.flatten(),
      last,
    ],
  });
}

/** Right answers of the model itself over the test images, by `predict`. */
function correctOf(model: tfl.LayersModel): number {
  const table = normalization(pixelStatistics(SHORT, FEW.train));
  return tf.tidy(() => {
    const pixels = Float32Array.from(FEW.test.pixels, (byte) => table[byte]!);
    const found = tf.argMax(model.predict(tf.tensor4d(pixels, [FEW.test.count, 28, 28, 1])) as tf.Tensor, 1);
    return [...found.dataSync()].filter((label, i) => label === FEW.test.labels[i]).length;
  });
}

describe('fit', () => {
  it('trains a model of tf.layers, leaves the weights in it, and gives evidence that can be read again', async () => {
    const model = small(tfl.layers.dense({ units: 10, activation: 'softmax' }));
    const { epochs, evidence } = await fit(model, FEW, { ...SHORT, epochs: 2 }, { seed: 1, backend });
    expect(epochs).toHaveLength(2);
    expect(epochs[1]!.trainLoss).toBeLessThan(epochs[0]!.trainLoss);
    expect(correctOf(model)).toBe(epochs[1]!.testCorrect);
    expect(epochs[1]!.testCorrect).toBeGreaterThan(250);
    const [run] = evidence.runs;
    expect(runRecordSchema.parse(JSON.parse(JSON.stringify(run)))).toEqual(run);
    expect(run).toMatchObject({
      id: 'small',
      output: 'probabilities',
      seed: 1,
      data: { sha256: DIGITS.sha256 },
    });
    expect(evidence.note).toContain(`${epochs[1]!.testCorrect} of 500 test images correct`);
    model.dispose();
  }, 60_000);

  it('goes on from the weights of the model, or from those that the seed draws', async () => {
    const model = small(tfl.layers.dense({ units: 10 }));
    const options = { seed: 1, backend };
    const first = await fit(model, FEW, SHORT, { ...options, fresh: true });
    const second = await fit(model, FEW, SHORT, options);
    expect(second.epochs[0]!.trainLoss).toBeLessThan(first.epochs[0]!.trainLoss);
    const again = await fit(model, FEW, SHORT, { ...options, fresh: true });
    expect(again.epochs[0]!.trainLoss).toBe(first.epochs[0]!.trainLoss);
    model.dispose();
  }, 60_000);

  it('says which layer made it go the plain way, and what that costs', async () => {
    const odd = tfl.layers.masking({ name: 'odd', maskValue: -100, inputShape: [28, 28, 1] });
    const model = tfl.sequential({
      layers: [odd, tfl.layers.globalAveragePooling2d({}), tfl.layers.dense({ units: 10 })],
    });
    const { evidence } = await fit(model, FEW, SHORT, { seed: 1, id: '1-odd', backend });
    expect(evidence.note).toMatch(
      /by plain tfjs operations: .*; many times slower \(npm run bench:corpus\)$/,
    );
    expect(evidence.runs[0]!.engine.note).toContain('by plain tfjs operations');
    model.dispose();
  }, 60_000);

  it('ends a run that diverges, says at which rate, and leaves evidence', async () => {
    const model = small(tfl.layers.dense({ units: 10 }));
    const recipe = {
      ...SHORT,
      epochs: 3,
      momentum: 0,
      schedule: { type: 'constant', learningRate: 1e38 },
    } as const;
    const { epochs, evidence } = await fit(model, FEW, recipe, { seed: 1, backend });
    expect(epochs).toHaveLength(1);
    expect(Number.isFinite(epochs[0]!.trainLoss)).toBe(false);
    expect(evidence.note).toContain('training was stopped after epoch 1');
    model.dispose();
  }, 60_000);

  it('refuses what does not fit: images of another size, another number of classes, a recipe or data that are wrong', async () => {
    const model = small(tfl.layers.dense({ units: 10 }));
    const options = { seed: 1, backend };
    const resized = {
      ...FEW,
      train: { ...FEW.train, height: 14, width: 56 },
      test: { ...FEW.test, height: 14, width: 56 },
    };
    await expect(fit(model, resized, SHORT, options)).rejects.toThrow('cannot be used');
    await expect(fit(model, { ...FEW, sha256: 'f'.repeat(64) }, SHORT, options)).rejects.toThrow(
      'its SHA-256',
    );
    await expect(fit(model, FEW, { ...SHORT, batch: 0 }, options)).rejects.toThrow(
      'batch: expected number to be >0',
    );
    const three = small(tfl.layers.dense({ units: 3 }));
    await expect(fit(three, FEW, SHORT, options)).rejects.toThrow(
      '"small" tells 3 classes apart, but "made-up digits" has 10.',
    );
    const colour = tfl.sequential({
      name: 'colour',
      layers: [
        tfl.layers.inputLayer({ inputShape: [28, 28, 3] }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 10 }),
      ],
    });
    await expect(fit(colour, FEW, SHORT, options)).rejects.toThrow(
      '"colour" reads 28x28x3, but the images of "made-up digits" are 28x28x1.',
    );
    [model, three, colour].forEach((each) => each.dispose());
  });

  it('trains a network of plain data from seeded weights', async () => {
    const { model, evidence } = await trainNetwork(NETWORK, SHORT, FEW, { seed: 2, id: '1-plain', backend });
    expect(evidence.runs[0]).toMatchObject({
      id: '1-plain',
      engine: { name: 'wasm' },
      output: 'logits',
      network: { form: 'layers' },
    });
    expect(correctOf(model)).toBe(evidence.runs[0]!.epochs[0]!.testCorrect);
    model.dispose();
  }, 60_000);
});
