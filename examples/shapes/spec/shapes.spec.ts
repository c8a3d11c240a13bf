import 'codecodecode/matchers';
import * as tf from '@tensorflow/tfjs-core';
import { evidenceOf, type Evidence, recordEpochs, selectBackend } from 'codecodecode';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildNetwork, RECIPE, SEED } from '../network.ts';
import { drawShapes, SHAPES } from '../shapes.ts';

describe('the network that tells shapes apart', () => {
  let evidence: Evidence;

  beforeAll(async () => {
    const backend = await selectBackend();
    const data = drawShapes(600, 300);
    const model = buildNetwork();
    model.compile({ optimizer: tf.train.adam(RECIPE.learningRate), loss: 'categoricalCrossentropy' });
    const recorder = recordEpochs(model, data, 'probabilities');
    const answers = tf.oneHot(tf.tensor1d(Int32Array.from(data.train.labels), 'int32'), SHAPES.length);
    // Without shuffling, the only thing random is the first weights, which have a seed.
    await model.fit(data.train.x, answers, {
      epochs: RECIPE.epochs,
      batchSize: RECIPE.batch,
      shuffle: false,
      verbose: 0,
      callbacks: recorder.callback,
    });
    evidence = evidenceOf({
      id: '1-shapes',
      name: 'Shapes',
      model,
      data,
      output: 'probabilities',
      epochs: recorder.epochs,
      backend,
      seed: SEED,
      recipe: RECIPE,
    });
  });

  test('has fewer than 1,000 parameters', () => {
    expect(evidence).toHaveFewerParametersThan(1_000);
  });

  test('reads the whole picture', () => {
    expect(evidence).toHaveReceptiveField(12);
  });

  test('learns: it beats always giving one answer, with a finite and falling loss', () => {
    expect(evidence).toLearn({ margin: 40, lossRatio: 0.5 });
  });

  test('ends at or above 95 % of the test pictures', () => {
    expect(evidence).toEndAtOrAbove(95);
  });

  test('is no more than 5 points better on the training pictures', () => {
    expect(evidence).toOverfitByAtMost(5);
  });

  test('wastes no channel', () => {
    expect(evidence).toHaveNoDeadChannels();
  });
});
