import { block, convolution } from '../model/blocks.ts';
import { skeleton } from './1-skeleton.ts';
import { defineIteration } from './define.ts';

export const lighter = defineIteration({
  ...skeleton,
  id: '2-lighter',
  name: 'Lighter',
  concept: 'fewer kernels',
  why: 'The skeleton overfits, so it has weights to spare: the same layers with fewer kernels stay under 8,000 parameters.',
  network: {
    ...skeleton.network,
    layers: [
      ...block(4),
      ...block(6),
      { type: 'maxPool', size: 2 },
      ...block(18),
      ...block(15),
      ...block(18),
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
});
