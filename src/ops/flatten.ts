import { z } from 'zod';
import { compileFlatten } from './compile/flatten.ts';
import { defineOp, layerSchema } from './op.ts';

const schema = layerSchema('flatten', {
  /** Which index runs fastest: 'channelsFirst' is the order of PyTorch, for weights that come from there. */
  order: z.enum(['channelsLast', 'channelsFirst']).default('channelsLast'),
});

/** A map [height, width, channels] as a vector. */
export const flatten = defineOp({
  type: 'flatten',
  prefix: 'flatten',
  schema,
  shape(_, [input]) {
    if (input!.length === 1) return 'is given a vector, which is flat already. Leave it out.';
    return [input!.reduce((product, size) => product * size, 1)];
  },
  stock: ({ order }, { layers, custom, name }) => [
    order === 'channelsLast' ? layers.flatten({ name }) : custom.channelsFirstFlatten({ name }),
  ],
  read({ className, config }) {
    if (className === 'ChannelsFirstFlatten') return { order: 'channelsFirst' };
    if (className !== 'Flatten') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {};
  },
  compile: ({ order }, emit) => compileFlatten(emit, order),
});
