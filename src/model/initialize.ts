import type { LayersModel } from '@tensorflow/tfjs-layers';
import { keyOf, Stream, uniform } from '../random.ts';

/** First values of weights that are not kernels; others are 0. */
const FIRST: Readonly<Record<string, number>> = { gamma: 1, moving_variance: 1, alpha: 0.25 };

/**
 * Seeded first weights of a model, in the order of `model.getWeights()`: He-uniform kernels (within
 * sqrt(6 / fan-in), He et al. 2015, https://arxiv.org/abs/1502.01852), gamma 1, beta and biases 0, slopes of PReLU
 * 0.25, moving mean 0, moving variance 1. Only arithmetic that IEEE 754 rounds exactly, hence the same bits on every machine.
 */
export function initialWeights(model: LayersModel, seed: number): Float32Array[] {
  // Kernels are numbered among themselves, so that adding a dropout layer leaves them as they were.
  let kernels = 0;
  return model.weights.map((weight) => {
    const shape = weight.shape.map((size) => size ?? 0);
    const length = shape.reduce((product, size) => product * size, 1);
    const kind = weight.originalName.split('/').at(-1)!;
    if (kind.endsWith('kernel')) return heUniform(shape, kind, keyOf(seed, Stream.weights, kernels++));
    return new Float32Array(length).fill(FIRST[kind] ?? 0);
  });
}

function heUniform(shape: readonly number[], kind: string, key: number): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  // A depthwise kernel [height, width, channels, multiplier] sees one channel only.
  const fanIn = kind === 'depthwise_kernel' ? shape[0]! * shape[1]! : length / shape.at(-1)!;
  const bound = Math.sqrt(6 / fanIn);
  return Float32Array.from({ length }, (_, i) => (2 * uniform(key, i) - 1) * bound);
}
