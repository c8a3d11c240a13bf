import type { LayerData } from '../ops/index.ts';

/**
 * A layer as plain data: its type, its settings, where it is not the layer before that it reads, `from` whom, and where it
 * is an earlier layer applied again, `weightsOf` which. The types are those of `src/ops`.
 */
export type Layer = LayerData;

export interface Network {
  /** Height, width, channels of one image. */
  readonly input: readonly [height: number, width: number, channels: number];
  /** In order: a layer reads layers before it alone. The last one's output is the network's. */
  readonly layers: readonly Layer[];
}
