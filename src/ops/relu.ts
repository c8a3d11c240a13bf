import { z } from 'zod';
import { compilePointwise } from './compile/pointwise.ts';
import { defineOp, layerSchema } from './op.ts';

const schema = layerSchema('relu', {
  /** What it cuts off above; 6: ReLU6. Absent: nothing. */
  max: z.number().positive().optional(),
});

/** max(x, 0), or min(max(x, 0), max). */
export const relu = defineOp({
  type: 'relu',
  prefix: 'relu',
  schema,
  shape: (_, [input]) => input!,
  stock: ({ max }, { layers, name }) => [
    layers.reLU({ name, ...(max === undefined ? {} : { maxValue: max }) }),
  ],
  read({ className, config }) {
    if (className === 'Activation' && config['activation'] === 'relu') return {};
    if (className === 'Activation' && config['activation'] === 'relu6') return { max: 6 };
    if (className !== 'ReLU') return undefined;
    const max = config['maxValue'];
    return typeof max === 'number' ? { max } : {};
  },
  compile: ({ max }, emit) => compilePointwise(emit, 'relu', max ?? Infinity),
});
