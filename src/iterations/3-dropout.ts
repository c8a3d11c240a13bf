import { block, convolution } from '../model/blocks.ts';
import type { Layer } from '../model/layers.ts';
import { lighter } from './2-lighter.ts';
import { defineIteration } from './define.ts';

const drop: Layer = { type: 'dropout', rate: 0.01 };

export const dropout = defineIteration({
  ...lighter,
  id: '3-dropout',
  name: 'Dropout',
  concept: 'regularization',
  why: 'Fewer kernels alone still overfit: a little dropout after every block keeps the network from leaning on single activations and closes the gap between training and test.',
  network: {
    ...lighter.network,
    layers: [
      ...block(4),
      drop,
      ...block(6),
      { type: 'maxPool', size: 2 },
      drop,
      ...block(18),
      drop,
      ...block(15),
      drop,
      ...block(18),
      drop,
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
});
