import { block, separableBlock } from '../model/blocks.ts';
import { smallest } from './8-smallest.ts';
import { defineIteration } from './define.ts';

export const separable = defineIteration({
  ...smallest,
  id: '9-separable',
  name: 'Separable',
  concept: 'look around and mix channels apart',
  why: 'A separable convolution looks around in each channel by itself, then mixes the channels at one pixel: at 26 channels a seventh of the weights of a plain one. Fewer parameters than ever make maps more than twice as wide, with the field of 32 again. The rest is the recipe of the one before, its learning rate left two epochs earlier.',
  network: {
    ...smallest.network,
    layers: [
      ...block(8, 'same'),
      ...separableBlock(12, 'same'),
      { type: 'maxPool', size: 2 },
      ...separableBlock(26),
      ...separableBlock(26),
      ...separableBlock(26),
      ...separableBlock(26),
      { type: 'convolution', filters: 10, kernel: 1 },
      { type: 'globalAveragePool' },
    ],
  },
  recipe: {
    ...smallest.recipe,
    schedule: {
      type: 'linear',
      points: [
        [0, 0.02],
        [1, 0.2],
        [9, 0.01],
        [15, 0.0005],
      ],
    },
  },
});
