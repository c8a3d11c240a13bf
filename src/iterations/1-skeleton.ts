import { block, convolution } from '../model/blocks.ts';
import { defineIteration } from './define.ts';

export const skeleton = defineIteration({
  id: '1-skeleton',
  name: 'Bare skeleton',
  concept: 'the skeleton learns at all',
  why: 'Convolutions, one early pooling and a global average instead of dense layers: the least that can learn, to see whether it does before anything is added.',
  network: {
    input: [28, 28, 1],
    layers: [
      ...block(4),
      ...block(8),
      { type: 'maxPool', size: 2 },
      ...block(19),
      ...block(16),
      ...block(22),
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
  recipe: {
    epochs: 15,
    batch: 64,
    schedule: { type: 'constant', learningRate: 0.01 },
    momentum: 0.9,
    weightDecay: 1e-4,
  },
});
