import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../backend/select.ts';
import type { ImageSet } from '../data/dataset.ts';
import { normalization, type PixelStatistics } from '../data/normalize.ts';
import { createEngine } from '../engine/choose.ts';
import { ExitCode, GateError } from '../errors.ts';
import type { OnnxNetwork } from '../onnx/network.ts';
import { modelWith } from '../onnx/ours.ts';
import type { Measured } from './measure.ts';
import { pixelsOf } from './pixels.ts';

/** Images whose answers are compared one by one. */
const COMPARED = 100;
/** Of the largest answer: sums of floats in another order. */
const ANSWERS_TOLERATED = 1e-4;
/** On the brink between two classes. */
const IMAGES_TOLERATED = 2;

/** For evaluation alone: nothing of it plays a part. */
const NO_RECIPE = { epochs: 1, batch: 1, schedule: { type: 'constant', learningRate: 0 } } as const;

/**
 * Runs the network as plain data, too: all test images on this project's engine, and the answers to the first hundred on the
 * backend. One line that says how far the two are apart; throws GateError where that is further than floats are.
 */
export async function agreeOnOurs(
  network: OnnxNetwork,
  {
    file,
    measured,
    test,
    statistics,
    backend,
  }: {
    readonly file: string;
    readonly measured: Measured;
    readonly test: ImageSet;
    readonly statistics: PixelStatistics;
    readonly backend: Backend;
  },
): Promise<string> {
  const model = modelWith(network, 'elsewhere');
  const engine = createEngine({ backend, model, recipe: NO_RECIPE, seed: 1, statistics });
  try {
    await engine.ready;
    const found = answersOf(model, test, statistics);
    const [apart, scale] = distance(found, measured.answers);
    if (!(apart <= ANSWERS_TOLERATED * scale)) {
      throw contradiction(
        file,
        `answers as ONNX Runtime gives them, to ${ANSWERS_TOLERATED * scale}`,
        `${apart} apart`,
      );
    }
    const { correct } = engine.evaluate(test);
    if (Math.abs(correct - measured.correct) > IMAGES_TOLERATED) {
      throw contradiction(file, `${measured.correct} test images right`, `${correct}`);
    }
    return `${correct} right on this project's engine (${engine.name}), answers at most ${apart.toExponential(1)} apart`;
  } finally {
    engine.dispose();
    model.dispose();
  }
}

function answersOf(
  model: ReturnType<typeof modelWith>,
  test: ImageSet,
  statistics: PixelStatistics,
): Float32Array {
  const count = Math.min(COMPARED, test.count);
  const pixels = pixelsOf(test, 0, count, normalization(statistics), 'last');
  return tf.tidy(() => {
    const x = tf.tensor4d(pixels, [count, test.height, test.width, test.channels ?? 1]);
    return (model.predictOnBatch(x) as tf.Tensor).dataSync() as Float32Array;
  });
}

function distance(found: Float32Array, expected: Float32Array): readonly [apart: number, scale: number] {
  let apart = 0;
  let scale = 1;
  found.forEach((value, i) => {
    apart = Math.max(apart, Math.abs(value - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  });
  return [apart, scale];
}

function contradiction(file: string, expected: string, found: string): GateError {
  return new GateError(
    `${file}, read as plain data, computes something else than the file: expected ${expected}, found ${found}. Please report it with the file: an operator is misread.`,
    ExitCode.missing,
  );
}
