import { defineOp, layerSchema, type Shape } from './op.ts';
import { describe } from './window.ts';

const schema = layerSchema('add', {});

/** The sum of values of one shape. */
export const add = defineOp({
  type: 'add',
  prefix: 'add',
  schema,
  readsSeveral: true,
  shape(_, inputs) {
    const [first] = inputs;
    return inputs.every((input) => isEqual(input, first!))
      ? first!
      : `adds ${inputs.map(describe).join(' and ')}: expected one shape.`;
  },
  reach: () => ({ kind: 'merge', operation: 'Add' }),
  stock: (_, { layers, name }) => [layers.add({ name })],
  read: ({ className }) => (className === 'Add' ? {} : undefined),
});

function isEqual(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
