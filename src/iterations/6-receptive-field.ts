import { block, convolution } from '../model/blocks.ts';
import { lrScheduler } from './5-lr-scheduler.ts';
import { defineIteration } from './define.ts';

export const receptiveField = defineIteration({
  ...lrScheduler,
  id: '6-receptive-field',
  name: 'Receptive field',
  concept: 'look beyond 28x28',
  why: "Padding 'same' in the first two convolutions leaves room for one more after the pooling: the field grows from 28 to 32 pixels, so that digits near the border are seen whole.",
  network: {
    ...lrScheduler.network,
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
});
