import '../../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEpochs, type LabelledData } from '../../../src/own-model/epoch-recorder.ts';
import { evidenceOf, type TrainedModel } from '../../../src/own-model/evidence.ts';

/** Two points of two classes, for training and test alike. */
let data: LabelledData;
let run: Omit<TrainedModel, 'id'>;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const set = { x: tf.tensor2d([0, 1, 1, 0], [2, 2]), labels: [0, 1] };
  data = { name: 'two points', train: set, test: set };
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [2], activation: 'softmax' })] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'sparseCategoricalCrossentropy' });
  const recorder = recordEpochs(model, data, 'probabilities');
  const answers = tf.tensor1d([0, 1]);
  for (const epochs of [2, 1])
    await model.fit(set.x, answers, { epochs, callbacks: recorder.callback, verbose: 0 });
  answers.dispose();
  const backend = { name: 'cpu', version: tf.version_core, reason: 'a spec' } as TrainedModel['backend'];
  run = { name: 'Points', model, data, output: 'probabilities', epochs: recorder.epochs, backend, seed: 1 };
});
afterAll(() => {
  run.model.dispose();
  data.train.x.dispose();
});

describe('the epochs of a model that is fitted twice', () => {
  it('are numbered on', () => {
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });
});

describe("the evidence of a model of one's own", () => {
  it('has its runs', () => {
    const { id, runs } = evidenceOf({ ...run, id: '1-points' });
    expect({ id, epochs: runs.map(({ epochs }) => epochs.length) }).toEqual({ id: '1-points', epochs: [3] });
  });

  it.each(['', 'a/b', '../up', 'two points'])('is refused under the id %j, which names no file', (id) => {
    expect(() => evidenceOf({ ...run, id })).toThrow(
      `The id of a model: expected an id of letters, digits, dots, hyphens and underscores, such as "1-moons", found ${JSON.stringify(id)}.`,
    );
  });
});
