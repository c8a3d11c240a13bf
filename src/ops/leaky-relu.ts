import { z } from 'zod';
import { compilePointwise } from './compile/pointwise.ts';
import { defineOp, layerSchema } from './op.ts';

const schema = layerSchema('leakyRelu', {
  /** Slope below 0. */
  slope: z.number().default(0.01),
});

/** x where positive, slope x elsewhere. */
export const leakyRelu = defineOp({
  type: 'leakyRelu',
  prefix: 'leaky',
  schema,
  shape: (_, [input]) => input!,
  stock: ({ slope }, { layers, name }) => [layers.leakyReLU({ name, alpha: slope })],
  read({ className, config }) {
    if (className !== 'LeakyReLU') return undefined;
    return { slope: Number(config['alpha']) };
  },
  compile: ({ slope }, emit) => compilePointwise(emit, 'leakyRelu', slope),
});
