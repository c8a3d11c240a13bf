import { z } from 'zod';
import { compileGroupNorm } from './compile/group-norm.ts';
import { mapOf } from './compile/lanes.ts';
import { defineOp, layerSchema, type Shape, type Weight } from './op.ts';
import { describe, positive } from './window.ts';

const schema = layerSchema('groupNorm', {
  groups: positive,
  epsilon: z.number().positive().default(1e-5),
  /** Whether it has a learned factor and summand a channel. */
  affine: z.boolean().default(true),
});

/** Over all positions and the channels of a group, image by image (Wu and He 2018, https://arxiv.org/abs/1803.08494). */
export const groupNorm = defineOp({
  type: 'groupNorm',
  prefix: 'gn',
  schema,
  shape(layer, [input]) {
    if (input!.at(-1)! % layer.groups === 0) return input!;
    return `has ${layer.groups} groups, which do not divide the channels of its input, ${describe(input!)}.`;
  },
  weights: (layer, [input]) => (layer.affine ? affineWeights(input!.slice(-1)) : []),
  stock: ({ groups, epsilon, affine }, { custom, name }) => [
    custom.groupNorm({ name, groups, epsilon, affine }),
  ],
  read({ className, config }) {
    if (className !== 'GroupNormalization') return undefined;
    return {
      groups: Number(config['groups']),
      epsilon: Number(config['epsilon']),
      affine: config['affine'] === true,
    };
  },
  compile(layer, emit) {
    const { height, width, channels } = mapOf(emit.output);
    compileGroupNorm(emit, { sets: 1, positions: height * width, channels, groups: layer.groups }, layer);
  },
});

export function affineWeights(shape: Shape): readonly Weight[] {
  return [
    { name: 'gamma', shape, trainable: true, first: 1 },
    { name: 'beta', shape, trainable: true, first: 0 },
  ];
}
