import { z } from 'zod';
import { floatsOf } from './compile/lanes.ts';
import { defineOp, layerSchema, type Shape } from './op.ts';

const schema = layerSchema('prelu', {
  /** How many slopes are learned: one in all, one a channel, or one an element of the map. */
  slopes: z.enum(['one', 'channel', 'element']).default('channel'),
});
type Slopes = z.output<typeof schema>['slopes'];

/** x where positive, a learned slope times x elsewhere (He et al. 2015, https://arxiv.org/abs/1502.01852). */
export const prelu = defineOp({
  type: 'prelu',
  prefix: 'prelu',
  schema,
  shape: (_, [input]) => input!,
  weights: ({ slopes }, [input]) => [
    { name: 'alpha', shape: slopesShape(slopes, input!), trainable: true, first: 0.25 },
  ],
  stock: ({ slopes }, { layers, name, inputs }) => {
    const shared = slopesShape(slopes, inputs[0]!).flatMap((size, i) =>
      size === inputs[0]![i] ? [] : [i + 1],
    );
    return [layers.prelu({ name, ...(shared.length === 0 ? {} : { sharedAxes: shared }) })];
  },
  read({ className, config, inputs }) {
    if (className !== 'PReLU') return undefined;
    const shared = [config['sharedAxes'] ?? []].flat().map(Number);
    const rank = inputs[0]!.length;
    const wholes = { element: 0, channel: rank - 1, one: rank } as const;
    // An axis of one position is shared or not: the slopes are the same.
    const isShared = inputs[0]!.map((size, i) => size === 1 || shared.includes(i + 1));
    const slopes = (['element', 'channel', 'one'] as const).find((each) =>
      isShared.every((is, i) => is === i < wholes[each] || inputs[0]![i] === 1),
    );
    return slopes === undefined
      ? `shares its slopes along the axes ${shared.join(', ')}: expected none, all but the last, or all.`
      : { slopes };
  },
  compile(_, emit) {
    const [input] = emit.inputs;
    const { output } = emit;
    const alpha = emit.weight('alpha');
    const fields = {
      input: input!.at,
      inputStride: input!.stride,
      output: output.at,
      outputStride: output.stride,
      floats: floatsOf(output),
      alpha: alpha.value,
      slopes: alpha.floats,
    };
    emit.forward('parametricRelu', fields);
    const inputGradient = emit.training ? emit.inputGradient(0) : undefined;
    const sums = alpha.gradient === undefined ? undefined : emit.gradientSums(alpha);
    if (inputGradient === undefined && sums === undefined) return;
    const gradient = emit.outputGradient();
    emit.backward('parametricReluGradient', {
      ...fields,
      output: 0,
      outputStride: 0,
      gradient: gradient.at,
      gradientStride: gradient.stride,
      inputGradient: inputGradient?.at ?? 0,
      inputGradientStride: inputGradient?.stride ?? 0,
      sums: sums?.at ?? 0,
      sumsStride: sums?.stride ?? 0,
    });
  },
});

function slopesShape(slopes: Slopes, input: Shape): Shape {
  if (slopes === 'element') return input;
  return input.map((size, i) => (slopes === 'channel' && i === input.length - 1 ? size : 1));
}
