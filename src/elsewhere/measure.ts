import type { ImageSet } from '../data/dataset.ts';
import { normalization, type PixelStatistics } from '../data/normalize.ts';
import { GateError } from '../errors.ts';
import type { OnnxFile } from '../onnx/file.ts';
import type { OnnxSession } from '../onnx/session.ts';
import type { Layout } from '../onnx/value.ts';
import { lossOfLogits, lossOfProbabilities, predictedClass } from '../own-model/answer.ts';
import type { OutputKind } from '../record.ts';
import { pixelsOf } from './pixels.ts';

export interface Measured {
  readonly correct: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Predicted class of every image; of equal outputs the first. */
  readonly predictions: Uint16Array;
  /** What the network answers, row by row. */
  readonly answers: Float32Array;
}

export interface Measuring {
  readonly file: OnnxFile;
  readonly session: OnnxSession;
  readonly layout: Layout;
  readonly output: OutputKind;
  readonly classes: number;
  readonly statistics: PixelStatistics;
}

/** Bounds the memory of a forward pass. */
const BATCH = 500;

/** Runs the file over all images of a set and counts. Throws GateError where it does not give one value a class. */
export async function measure(measuring: Measuring, set: ImageSet): Promise<Measured> {
  const { file, session, layout, classes } = measuring;
  const table = normalization(measuring.statistics);
  const predictions = new Uint16Array(set.count);
  const answers = new Float32Array(set.count * classes);
  let correct = 0;
  let loss = 0;
  for (let from = 0; from < set.count; from += BATCH) {
    const count = Math.min(BATCH, set.count - from);
    const { output } = await session.run(pixelsOf(set, from, count, table, layout), count);
    if (output.length !== count * classes) {
      throw new GateError(
        `${file.file} gives ${output.length / count} values an image, but the data has ${classes} classes. Give it the data that it was trained on.`,
      );
    }
    answers.set(output, from * classes);
    for (let i = 0; i < count; i++) {
      const row = output.subarray(i * classes, (i + 1) * classes);
      const label = set.labels[from + i]!;
      const predicted = predictedClass(row);
      predictions[from + i] = predicted;
      if (predicted === label) correct++;
      loss += lossOf(row, label, measuring.output);
    }
  }
  return { correct, loss: loss / set.count, predictions, answers };
}

function lossOf(row: Float32Array, label: number, output: OutputKind): number {
  if (output === 'log-probabilities') return -row[label]!;
  return output === 'probabilities' ? lossOfProbabilities(row, label) : lossOfLogits(row, label);
}
