import { copyFields, floatsOf } from './compile/lanes.ts';
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
  compile(_, emit) {
    const { inputs, output } = emit;
    const to = { output: output.at, outputStride: output.stride, floats: floatsOf(output) };
    inputs.slice(1).forEach((input, i) => {
      const sum = i === 0 ? inputs[0]! : output;
      emit.forward('add', { a: sum.at, aStride: sum.stride, b: input.at, bStride: input.stride, ...to });
    });
    if (inputs.length === 1) emit.forward('copyChannels', { ...copyFields(inputs[0]!, output), adds: 0 });
    if (!emit.training) return;
    inputs.forEach((_, i) => {
      const place = emit.addableInputGradient(i);
      if (place)
        emit.backward('copyChannels', { ...copyFields(emit.outputGradient(), place), adds: place.adds });
    });
  },
});

function isEqual(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
