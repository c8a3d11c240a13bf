import type { Layer } from './layers.ts';

const KERNEL = 3;

type Padding = 'valid' | 'same';

/** Convolution -> batch norm -> ReLU, the block that every published network is made of. */
export function block(filters: number, padding: Padding = 'valid'): readonly Layer[] {
  return [convolution(filters, padding), { type: 'batchNorm' }, { type: 'relu' }];
}

/** The same with a separable convolution: one 3x3 filter a channel, then a 1x1 convolution. */
export function separableBlock(filters: number, padding: Padding = 'valid'): readonly Layer[] {
  return [
    { type: 'separableConvolution', filters, kernel: KERNEL, padding },
    { type: 'batchNorm' },
    { type: 'relu' },
  ];
}

/** A 3x3 convolution alone: the last one, whose channels are the classes, has neither batch norm nor ReLU. */
export function convolution(filters: number, padding: Padding = 'valid'): Layer {
  return { type: 'convolution', filters, kernel: KERNEL, padding };
}
