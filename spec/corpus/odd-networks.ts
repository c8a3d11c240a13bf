import type { Network } from '../../src/model/layers.ts';
import type { Comparison } from './agreement.ts';

const STEPS = { batch: 9, steps: [9, 9, 5] };
const input = [7, 6, 2] as const;
const logits = [{ type: 'globalAveragePool' }, { type: 'dense', units: 10 }] as const;

/** What the engine once got wrong, and what is easily got wrong. */
export const oddNetworks: readonly (readonly [string, Network, Comparison])[] = [
  [
    'an addition that reads one value twice, which another layer reads, too',
    {
      input,
      layers: [
        { type: 'convolution', filters: 4, kernel: 3, padding: 1, name: 'a' },
        { type: 'add', from: ['a', 'a'], name: 'twice' },
        { type: 'relu', from: 'a', name: 'other' },
        { type: 'add', from: ['twice', 'other'] },
        ...logits,
      ],
    },
    STEPS,
  ],
  [
    'a concatenation that reads one value twice',
    {
      input,
      layers: [
        { type: 'convolution', filters: 3, kernel: 1, name: 'a' },
        { type: 'concatenate', from: ['a', 'a'] },
        ...logits,
      ],
    },
    STEPS,
  ],
  [
    'a batch norm whose last batch fills more shards than a whole one',
    {
      input,
      layers: [
        { type: 'convolution', filters: 3, kernel: 3 },
        { type: 'batchNorm' },
        { type: 'relu' },
        ...logits,
      ],
    },
    { batch: 100, steps: [100, 59] },
  ],
  [
    'equal maxima before a global max pooling',
    {
      input,
      layers: [
        // Replicated rows are equal everywhere.
        { type: 'padding', padding: 3, mode: 'replicate' },
        { type: 'convolution', filters: 3, kernel: 1 },
        { type: 'globalMaxPool' },
        { type: 'dense', units: 10 },
      ],
    },
    STEPS,
  ],
  [
    'equal maxima before a max pooling',
    {
      input,
      layers: [
        { type: 'padding', padding: 3, mode: 'replicate' },
        { type: 'convolution', filters: 3, kernel: 1 },
        { type: 'maxPool', size: [3, 4], stride: 2 },
        ...logits,
      ],
    },
    STEPS,
  ],
  [
    'a batch norm that has nothing to train',
    {
      input,
      layers: [
        { type: 'convolution', filters: 3, kernel: 3 },
        { type: 'batchNorm', scale: false, center: false },
        ...logits,
      ],
    },
    STEPS,
  ],
  [
    'learned slopes of a vector and of a map of one position',
    {
      input,
      layers: [
        { type: 'convolution', filters: 5, kernel: [7, 6], bias: true },
        { type: 'prelu', slopes: 'one' },
        { type: 'flatten' },
        { type: 'prelu', slopes: 'element' },
        { type: 'dense', units: 10 },
      ],
    },
    STEPS,
  ],
  [
    'more than 512 channels, by themselves and between others',
    {
      input: [2, 3, 1],
      layers: [
        { type: 'convolution', filters: 520, kernel: 1, bias: true },
        { type: 'relu' },
        { type: 'convolution', filters: 3, kernel: [2, 3], bias: true },
        { type: 'flatten' },
        { type: 'dense', units: 515 },
        { type: 'batchNorm' },
        { type: 'dropout', rate: 0.5 },
        { type: 'dense', units: 10 },
      ],
    },
    STEPS,
  ],
  [
    'dense layers alone, and one image a step',
    {
      input: [5, 5, 1],
      layers: [
        { type: 'flatten' },
        { type: 'dense', units: 20 },
        { type: 'relu' },
        { type: 'dense', units: 10 },
      ],
    },
    { batch: 1, steps: [1, 1, 1] },
  ],
  [
    "padding 'same' with a stride over even sizes, in groups with dilation",
    {
      input: [8, 6, 4],
      layers: [
        { type: 'convolution', filters: 6, kernel: 3, stride: 2, padding: 'same', groups: 2, bias: true },
        { type: 'convolution', filters: 6, kernel: 2, dilation: [1, 2], padding: 'same', groups: 3 },
        { type: 'separableConvolution', filters: 5, kernel: 3, stride: 2, padding: 'same' },
        ...logits,
      ],
    },
    STEPS,
  ],
];
