import { block, convolution } from '../model/blocks.ts';
import type { Layer } from '../model/layers.ts';
import { lrScheduler } from './5-lr-scheduler.ts';
import { defineIteration } from './define.ts';

const drop: Layer = { type: 'dropout', rate: 0.01 };

export const receptiveField = defineIteration({
  ...lrScheduler,
  id: '6-receptive-field',
  name: 'Receptive field',
  concept: 'look beyond 28x28',
  why: "Padding 'same' in the first two convolutions leaves room for one more after the pooling: the field grows from 28 to 32 pixels, so that digits near the border are seen whole. The deeper network was tuned again: half the batch, with the rate of an image unchanged, and more weight decay.",
  network: {
    ...lrScheduler.network,
    layers: [
      ...block(4, 'same'),
      drop,
      ...block(6, 'same'),
      { type: 'maxPool', size: 2 },
      drop,
      ...block(14),
      drop,
      ...block(15),
      drop,
      ...block(14),
      drop,
      ...block(14),
      drop,
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
  recipe: {
    ...lrScheduler.recipe,
    batch: 32,
    weightDecay: 3e-4,
    schedule: {
      type: 'linear',
      points: [
        [0, 0.01],
        [1, 0.1],
        [5, 0.005],
        [15, 0.00025],
      ],
    },
  },
});
