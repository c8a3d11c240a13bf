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
  why: "Padding 'same' in the first two convolutions leaves room for one more after the pooling: the field grows from 28 to 32 pixels, so that digits near the border are seen whole.",
  network: {
    ...lrScheduler.network,
    layers: [
      ...block(10, 'same'),
      drop,
      ...block(8, 'same'),
      { type: 'maxPool', size: 2 },
      drop,
      ...block(22),
      drop,
      ...block(8),
      drop,
      ...block(18),
      drop,
      ...block(10),
      drop,
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
});
