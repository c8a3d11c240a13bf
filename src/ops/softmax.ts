import { defineOp, layerSchema } from './op.ts';

const schema = layerSchema('softmax', {});

/** Probabilities along the channels. At a network's end it is its head: training works on what it reads, the logits. */
export const softmax = defineOp({
  type: 'softmax',
  prefix: 'softmax',
  schema,
  shape: (_, [input]) => input!,
  stock: (_, { layers, name }) => [layers.softmax({ name })],
  read({ className, config, inputs }) {
    if (className === 'Activation' && config['activation'] === 'softmax') return {};
    if (className !== 'Softmax') return undefined;
    const axis = Number(config['axis'] ?? -1);
    if (axis !== -1 && axis !== inputs[0]!.length) return `works along axis ${axis}, not along the channels.`;
    return {};
  },
});
