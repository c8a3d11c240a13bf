import { z } from 'zod';
import { compileGroupNorm } from './compile/group-norm.ts';
import { mapOf } from './compile/lanes.ts';
import { affineWeights } from './group-norm.ts';
import { defineOp, layerSchema } from './op.ts';

const schema = layerSchema('layerNorm', {
  /** 'channels': position by position; 'image': over height, width and channels together, with a factor and summand each. */
  over: z.enum(['channels', 'image']).default('channels'),
  epsilon: z.number().positive().default(1e-5),
  /** Whether it has a learned factor and summand. */
  affine: z.boolean().default(true),
});

/** Over the values of one image, or of one position (Ba et al. 2016, https://arxiv.org/abs/1607.06450). */
export const layerNorm = defineOp({
  type: 'layerNorm',
  prefix: 'ln',
  schema,
  shape: (_, [input]) => input!,
  weights: (layer, [input]) =>
    layer.affine ? affineWeights(layer.over === 'image' ? input! : input!.slice(-1)) : [],
  stock: ({ over, epsilon, affine }, { layers, name, inputs }) => [
    layers.layerNormalization({
      name,
      axis: over === 'image' ? inputs[0]!.map((_, i) => i + 1) : -1,
      epsilon,
      center: affine,
      scale: affine,
    }),
  ],
  read({ className, config, inputs }) {
    if (className !== 'LayerNormalization') return undefined;
    const rank = inputs[0]!.length;
    const axes = [config['axis']]
      .flat()
      .map((axis) => (Number(axis) < 0 ? rank + 1 + Number(axis) : Number(axis)));
    const isAll = axes.length === rank && axes.toSorted((a, b) => a - b).every((axis, i) => axis === i + 1);
    const isLast = axes.length === 1 && axes[0] === rank;
    if (!isAll && !isLast)
      return `normalizes along the axes ${axes.join(', ')}, not along the channels or all.`;
    if (config['center'] !== config['scale']) return 'has one of gamma and beta, not both or neither.';
    return {
      over: isLast ? 'channels' : 'image',
      epsilon: Number(config['epsilon']),
      affine: config['scale'] === true,
    };
  },
  compile(layer, emit) {
    const { height, width, channels } = mapOf(emit.output);
    const all = height * width;
    const [sets, positions] = layer.over === 'image' ? [1, all] : [all, 1];
    compileGroupNorm(emit, { sets, positions, channels, groups: 1 }, layer);
  },
});
