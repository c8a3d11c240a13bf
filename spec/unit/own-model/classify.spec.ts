import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { selectBackend, type Backend } from '../../../src/backend/select.ts';
import { classify, type LabelledTensor } from '../../../src/own-model/classify.ts';
import { evidenceOf } from '../../../src/own-model/evidence.ts';
import type { OutputKind } from '../../../src/record.ts';
import { epoch } from '../../support/records.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await selectBackend({ force: 'cpu' });
  wrong = { x: tf.tensor2d([[1, 0]]), labels: [1] };
});
afterEach(() => tf.disposeVariables());

/** Two classes, one input: logits 5 and -3, wrongly in favour of class 0. */
let wrong: LabelledTensor;
const LOGITS = [5, -3] as const;
/** log(e^5 + e^-3) + 3, by hand. */
const LOSS = Math.log(Math.exp(5) + Math.exp(-3)) + 3;
/** What takes the probabilities for logits makes of it. */
const GUESSED = Math.log(Math.exp(0.99966465) + Math.exp(0.00033535)) - 0.00033535;

function dense(activation?: 'softmax') {
  const layer = tfl.layers.dense({ units: 2, useBias: false, ...(activation ? { activation } : {}) });
  const set = () => layer.setWeights([tf.tensor2d([[...LOGITS], [0, 0]])]);
  return { layer, set };
}

describe('the loss of a classifier', () => {
  test.each<[string, (input: tfl.SymbolicTensor) => { output: tfl.SymbolicTensor; set: () => void }]>([
    [
      'softmax inside an inner model',
      (input) => {
        const { layer, set } = dense('softmax');
        const inner = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), layer] });
        return { output: inner.apply(input) as tfl.SymbolicTensor, set };
      },
    ],
    [
      'softmax, then a reshape',
      (input) => {
        const { layer, set } = dense('softmax');
        const reshape = tfl.layers.reshape({ targetShape: [2] });
        return { output: reshape.apply(layer.apply(input)) as tfl.SymbolicTensor, set };
      },
    ],
  ])('is that of probabilities for a %s (A11)', (_, build) => {
    const input = tfl.input({ shape: [2] });
    const { output, set } = build(input);
    const model = tfl.model({ inputs: input, outputs: output });
    set();
    expect(classify(model, wrong, 'probabilities').loss).toBeCloseTo(LOSS, 3);
    expect(LOSS).toBeGreaterThan(7.9);
    expect(GUESSED).toBeLessThan(1.4);
    expect(() => classify(model, wrong, 'logits')).toThrow('adds up to 1 for every input');
  });

  test('is that of logits for a model that ends in them, whatever its last layer is called', () => {
    const { layer, set } = dense();
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), layer] });
    set();
    expect(classify(model, wrong, 'logits').loss).toBeCloseTo(LOSS, 5);
    for (const output of ['probabilities', 'log-probabilities'] satisfies OutputKind[]) {
      expect(() => classify(model, wrong, output)).toThrow(`is said to be ${output}`);
    }
  });

  test('is that of log-probabilities where that is said', () => {
    const { layer, set } = dense('softmax');
    const log = tfl.layers.activation({ activation: 'logSoftmax' as 'softmax' });
    const { layer: logits, set: setLogits } = dense();
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), logits, log] });
    setLogits();
    expect(classify(model, wrong, 'log-probabilities').loss).toBeCloseTo(LOSS, 5);
    const plain = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), layer] });
    set();
    expect(classify(plain, wrong, 'probabilities').correct).toBe(0);
  });

  test('of a network that has diverged is not a matter of its output', () => {
    const { layer } = dense();
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), layer] });
    layer.setWeights([tf.mul(tf.ones([2, 2]), NaN)]);
    expect(classify(model, wrong, 'logits').loss).toBeNaN();
  });
});

test('300 classes are told apart (A12)', () => {
  const classes = 300;
  const layer = tfl.layers.dense({ units: classes, useBias: false });
  const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), layer] });
  // Each is a direction in the plane, and its own answer is the largest of them.
  const labels = Array.from({ length: classes }, (_, i) => i);
  const turns = labels.map((label) => (2 * Math.PI * label) / classes);
  const x = tf.tensor2d(turns.map((turn) => [Math.cos(turn), Math.sin(turn)]));
  layer.setWeights([tf.transpose(x)]);
  const test = { x: x as tf.Tensor, labels };
  const { correct, loss } = classify(model, test, 'logits');
  expect(correct).toBe(300);
  const row = {
    ...epoch(1, 100),
    trainTotal: classes,
    testCorrect: correct,
    testTotal: classes,
    testLoss: loss,
  };
  const data = { name: 'directions', train: { x: tf.neg(test.x), labels: test.labels }, test };
  const trained = { id: '1-directions', name: 'Directions', model, data, epochs: [row], backend, seed: 1 };
  const { confusion, output } = evidenceOf({ ...trained, output: 'logits' }).runs[0]!;
  expect(confusion.reduce((sum, row, i) => sum + row[i]!, 0)).toBe(300);
  expect(output).toBe('logits');
});
