import { z } from 'zod';
import { compileGroupNorm } from './compile/group-norm.ts';
import { mapOf } from './compile/lanes.ts';
import { affineWeights } from './group-norm.ts';
import { defineOp, layerSchema } from './op.ts';
import { needsMap } from './window.ts';

const schema = layerSchema('instanceNorm', {
  epsilon: z.number().positive().default(1e-5),
  /** Whether it has a learned factor and summand a channel. */
  affine: z.boolean().default(false),
});

/** Over all positions, image by image and channel by channel: group norm with as many groups as channels, which is how it is read back. */
export const instanceNorm = defineOp({
  type: 'instanceNorm',
  prefix: 'in',
  schema,
  shape: (_, [input]) => needsMap(input!) ?? input!,
  weights: (layer, [input]) => (layer.affine ? affineWeights(input!.slice(-1)) : []),
  stock: ({ epsilon, affine }, { custom, name, inputs }) => [
    custom.groupNorm({ name, groups: inputs[0]!.at(-1)!, epsilon, affine }),
  ],
  read: () => undefined,
  compile(layer, emit) {
    const { height, width, channels } = mapOf(emit.output);
    compileGroupNorm(emit, { sets: 1, positions: height * width, channels, groups: channels }, layer);
  },
});
