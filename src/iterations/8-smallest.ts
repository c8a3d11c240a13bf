import { block, convolution } from '../model/blocks.ts';
import { weightAveraging } from './7-weight-averaging.ts';
import { defineIteration } from './define.ts';

export const smallest = defineIteration({
  ...weightAveraging,
  id: '8-smallest',
  name: 'The smallest',
  concept: 'as few parameters as will do',
  why: 'The field of 32 again, on as few channels as will do: depth costs little where maps are narrow. So small a network fits too little rather than too much: the learning rate stays high for most of the time, and the images are changed and the weights pulled less.',
  network: {
    ...weightAveraging.network,
    layers: [
      ...block(4, 'same'),
      ...block(8, 'same'),
      { type: 'maxPool', size: 2 },
      ...block(10),
      ...block(10),
      ...block(10),
      ...block(10),
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
  recipe: {
    ...weightAveraging.recipe,
    schedule: {
      type: 'linear',
      points: [
        [0, 0.02],
        [1, 0.2],
        [11, 0.01],
        [15, 0.0005],
      ],
    },
    weightDecay: 3e-4,
    augmentation: { rotation: 15, scale: 0.1, shift: 1 },
  },
});
