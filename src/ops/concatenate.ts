import type { Later } from '../engine/native/emit.ts';
import { mapOf } from './compile/lanes.ts';
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
  compile(_, emit) {
    const { inputs, output } = emit;
    const { height, width, channels: all } = mapOf(output);
    let first = 0;
    inputs.forEach((input, i) => {
      const { channels } = mapOf(input);
      const part = { pixels: height * width, channels };
      const inner = { at: input.at, stride: input.stride, channels, first: 0 };
      const outer = { channels: all, first };
      emit.forward('copyChannels', {
        ...part,
        ...fromFields(inner),
        ...toFields({ ...outer, at: output.at, stride: output.stride }),
        adds: 0,
      });
      const place = emit.training ? emit.addableInputGradient(i) : undefined;
      if (place) {
        const gradient = emit.outputGradient();
        emit.backward('copyChannels', {
          ...part,
          ...fromFields({ ...outer, at: gradient.at, stride: gradient.stride }),
          ...toFields({ ...inner, at: place.at, stride: place.stride }),
          adds: place.adds,
        });
      }
      first += channels;
    });
  },
});

interface Side {
  readonly at: Later;
  readonly stride: Later;
  readonly channels: number;
  readonly first: number;
}

function fromFields({ at, stride, channels, first }: Side) {
  return { from: at, fromStride: stride, fromChannels: channels, fromFirst: first };
}

function toFields({ at, stride, channels, first }: Side) {
  return { to: at, toStride: stride, toChannels: channels, toFirst: first };
}
