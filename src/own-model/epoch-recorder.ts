import { CustomCallback, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Epoch, OutputKind } from '../record.ts';
import { classify, type LabelledTensor } from './classify.ts';

export interface LabelledData {
  /** "two moons": which data the figures come from, for a person. */
  readonly name: string;
  readonly train: LabelledTensor;
  readonly test: LabelledTensor;
}

export interface EpochRecorder {
  /** For `model.fit(x, y, { callbacks: recorder.callback })`. */
  readonly callback: CustomCallback;
  /** One row an epoch, in order. */
  readonly epochs: readonly Epoch[];
}

/**
 * Counts right answers over all training and test data after every epoch of `model.fit`, which itself only tells running
 * means. `output`: what the model's values mean. Seconds are those of the epoch and its measurement.
 */
export function recordEpochs(model: LayersModel, data: LabelledData, output: OutputKind): EpochRecorder {
  const epochs: Epoch[] = [];
  let start = performance.now();
  const callback = new CustomCallback({
    onEpochBegin: () => {
      start = performance.now();
    },
    onEpochEnd: () => {
      const train = classify(model, data.train, output);
      const test = classify(model, data.test, output);
      epochs.push({
        // Numbered on where the model is fitted once more: tfjs begins with 0 again.
        epoch: epochs.length + 1,
        learningRate: learningRateOf(model),
        trainCorrect: train.correct,
        trainTotal: train.total,
        trainLoss: train.loss,
        testCorrect: test.correct,
        testTotal: test.total,
        testLoss: test.loss,
        seconds: (performance.now() - start) / 1000,
      });
    },
  });
  return { callback, epochs };
}

/** Every optimizer of tfjs keeps it under this name, protected; 0 where an own optimizer does not. */
function learningRateOf(model: LayersModel): number {
  const rate: unknown = Reflect.get(model.optimizer, 'learningRate');
  return typeof rate === 'number' ? rate : 0;
}
