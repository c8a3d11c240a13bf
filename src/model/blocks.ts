import type { Layer } from './layers.ts';

const KERNEL = 3;

/** Convolution -> batch norm -> ReLU, the block that every published network is made of. */
export function block(filters: number, padding: 'valid' | 'same' = 'valid'): readonly Layer[] {
  return [convolution(filters, padding), { type: 'batchNorm' }, { type: 'relu' }];
}

/** A 3x3 convolution alone: the last one, whose channels are the classes, has neither batch norm nor ReLU. */
export function convolution(filters: number, padding: 'valid' | 'same' = 'valid'): Layer {
  return { type: 'convolution', filters, kernel: KERNEL, padding };
}
