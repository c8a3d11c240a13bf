import { z } from 'zod';
import { compileBatchNorm } from './compile/batch-norm.ts';
import { defineOp, layerSchema } from './op.ts';

/** Running statistics: moving = momentum x moving + (1 - momentum) x batch; the variance is the biased one, as tf.layers has it. */
const BATCH_NORM = { momentum: 0.9, epsilon: 1e-5 } as const;

const schema = layerSchema('batchNorm', {
  momentum: z.number().min(0).max(1).default(BATCH_NORM.momentum),
  epsilon: z.number().positive().default(BATCH_NORM.epsilon),
  /** Whether it has a learned factor (gamma). */
  scale: z.boolean().default(true),
  /** Whether it has a learned summand (beta). */
  center: z.boolean().default(true),
});

/** Over the batch and all positions, a channel at a time. */
export const batchNorm = defineOp({
  type: 'batchNorm',
  prefix: 'bn',
  schema,
  shape: (_, [input]) => input!,
  weights(layer, [input]) {
    const shape = [input!.at(-1)!];
    return [
      ...(layer.scale ? [{ name: 'gamma', shape, trainable: true, first: 1 }] : []),
      ...(layer.center ? [{ name: 'beta', shape, trainable: true, first: 0 }] : []),
      { name: 'movingMean', shape, trainable: false, first: 0 },
      { name: 'movingVariance', shape, trainable: false, first: 1 },
    ];
  },
  stock({ momentum, epsilon, scale, center }, { layers, custom, name }) {
    if (scale && center) return [layers.batchNormalization({ name, momentum, epsilon })];
    return [custom.partialBatchNorm({ name, momentum, epsilon, scale, center })];
  },
  read({ className, config, inputs }) {
    if (className !== 'BatchNormalization' && className !== 'PartialBatchNormalization') return undefined;
    const axis = Number(config['axis']);
    if (axis !== -1 && axis !== inputs[0]!.length)
      return `normalizes along axis ${axis}, not along the channels.`;
    return {
      momentum: Number(config['momentum']),
      epsilon: Number(config['epsilon']),
      scale: config['scale'] === true,
      center: config['center'] === true,
    };
  },
  compile: (layer, emit) => compileBatchNorm(emit, layer),
});
