import * as tfl from '@tensorflow/tfjs-layers';
import { SHAPES, SIDE } from './shapes.ts';

/** How it is trained: shown in the summary, and part of the run's fingerprint. */
export const RECIPE = { epochs: 12, batch: 16, learningRate: 0.003 } as const;
export const SEED = 1;

/** An own model, out of stock tf.layers; its first weights depend on the seed alone. */
export function buildNetwork(): tfl.LayersModel {
  const kernel = () => tfl.initializers.heNormal({ seed: SEED });
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        name: 'conv1',
        inputShape: [SIDE, SIDE, 1],
        filters: 6,
        kernelSize: 3,
        activation: 'relu',
        kernelInitializer: kernel(),
      }),
      tfl.layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
      tfl.layers.conv2d({
        name: 'conv2',
        filters: 8,
        kernelSize: 3,
        activation: 'relu',
        kernelInitializer: kernel(),
      }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({
        name: 'answer',
        units: SHAPES.length,
        activation: 'softmax',
        kernelInitializer: kernel(),
      }),
    ],
  });
}
