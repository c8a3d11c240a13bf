import { defineOp, layerSchema } from './op.ts';
import { describe } from './window.ts';

const schema = layerSchema('concatenate', {});

/** The channels of several maps of one size, or of several vectors, one after the other. */
export const concatenate = defineOp({
  type: 'concatenate',
  prefix: 'concat',
  schema,
  readsSeveral: true,
  shape(_, inputs) {
    const size = inputs[0]!.slice(0, -1);
    const fits = inputs.every(
      (input) => input.length === size.length + 1 && size.every((side, i) => side === input[i]),
    );
    if (!fits) return `joins ${inputs.map(describe).join(' and ')}: expected the same height and width.`;
    return [...size, inputs.reduce((sum, input) => sum + input.at(-1)!, 0)];
  },
  reach: () => ({ kind: 'merge', operation: 'Concat' }),
  stock: (_, { layers, name }) => [layers.concatenate({ name })],
  read({ className, config, inputs }) {
    if (className !== 'Concatenate') return undefined;
    const axis = Number(config['axis'] ?? -1);
    if (axis !== -1 && axis !== inputs[0]!.length) return `joins along axis ${axis}, not along the channels.`;
    return {};
  },
});
