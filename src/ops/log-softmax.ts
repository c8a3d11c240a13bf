import { defineOp, layerSchema } from './op.ts';

const schema = layerSchema('logSoftmax', {});

/** tfjs has it, and leaves it out of its type. */
const LOG_SOFTMAX = 'logSoftmax' as 'softmax';

/** Logarithms of probabilities along the channels. At a network's end it is its head, as softmax is. */
export const logSoftmax = defineOp({
  type: 'logSoftmax',
  prefix: 'logsoftmax',
  schema,
  shape: (_, [input]) => input!,
  stock: (_, { layers, name }) => [layers.activation({ name, activation: LOG_SOFTMAX })],
  read: ({ className, config }) =>
    className === 'Activation' && config['activation'] === 'logSoftmax' ? {} : undefined,
});
