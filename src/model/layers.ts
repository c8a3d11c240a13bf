/** A layer as plain data. The order of a list of layers is the order of computation; convolutions have no bias. */
export type Layer =
  | {
      readonly type: 'convolution';
      readonly filters: number;
      readonly kernel: number;
      readonly padding: 'valid' | 'same';
      readonly stride?: number;
      readonly dilation?: number;
    }
  | { readonly type: 'batchNorm' }
  | { readonly type: 'relu' }
  | { readonly type: 'maxPool'; readonly size: number }
  | { readonly type: 'dropout'; readonly rate: number }
  | { readonly type: 'globalAveragePool' };

/** Running statistics: moving = momentum x moving + (1 - momentum) x batch; the variance is the biased one, as tf.layers has it. */
export const BATCH_NORM = { momentum: 0.9, epsilon: 1e-5 } as const;

export interface Network {
  /** Height, width, channels of one image. */
  readonly input: readonly [height: number, width: number, channels: number];
  readonly layers: readonly Layer[];
}
