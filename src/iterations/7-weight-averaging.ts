import { block, convolution } from '../model/blocks.ts';
import { receptiveField } from './6-receptive-field.ts';
import { defineIteration } from './define.ts';

export const weightAveraging = defineIteration({
  ...receptiveField,
  id: '7-weight-averaging',
  name: 'Weight averaging',
  concept: 'judge the average of the weights, not the last step',
  why: 'Every step of training leaves the weights somewhere around a good place: their moving average lies closer to it than any of them, so that accuracy no longer bounces and the learning rate may stay high for longer. Averaging does what dropout did: it goes.',
  network: {
    ...receptiveField.network,
    layers: [
      ...block(4, 'same'),
      ...block(6, 'same'),
      { type: 'maxPool', size: 2 },
      ...block(14),
      ...block(15),
      ...block(14),
      ...block(14),
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
  recipe: {
    ...receptiveField.recipe,
    batch: 64,
    weightDecay: 1e-4,
    augmentation: { rotation: 15, scale: 0.15, shift: 1.5 },
    schedule: {
      type: 'linear',
      points: [
        [0, 0.02],
        [0.8, 0.1],
        [4, 0.02],
        [6, 0.01],
        [11, 0.006],
        [15, 0.0005],
      ],
    },
    weightAveraging: { decay: 0.999 },
  },
});
