import type { layers } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { Emit } from '../engine/native/emit.ts';

/** Of one image: [height, width, channels] of a map, [features] of a vector. */
export type Shape = readonly number[];
export type StockLayer = layers.Layer;

/**
 * All that the project knows of one layer type, in one file: what may be set, what comes out, what it costs and sees, which
 * `tf.layers` layers compute it, how those are read back, and how the native engine computes it. An op imports values neither
 * from tfjs nor from the engine: what it needs of them it is handed. `layer` is what `schema` made of the plain data.
 */
export interface Op<S extends LayerSchema = LayerSchema> {
  readonly type: z.output<S>['type'];
  /** What its layers are called in a built model; the number of its kind follows: "conv1", "conv2". */
  readonly prefix: string;
  readonly schema: S;
  /** Absent: it reads one value. */
  readonly readsSeveral?: true;

  /** What comes out of one image, or what is wrong: a clause whose subject is the layer ("needs a map; its input is 10"). */
  shape(layer: z.output<S>, inputs: readonly Shape[]): Shape | string;
  /** In the order in which the stock layer has them. Absent: none. */
  weights?(layer: z.output<S>, inputs: readonly Shape[]): readonly Weight[];
  /** Of one image's forward pass; those of convolutions and dense layers, the rest is small beside them. Absent: none. */
  multiplyAdds?(layer: z.output<S>, inputs: readonly Shape[]): number;
  /** Which of its input's positions one position of its output is made of. Absent: the same position alone. */
  reach?(layer: z.output<S>, inputs: readonly Shape[]): Reach;

  /** `tf.layers` layers, one after the other, that compute it; at most one of them has weights. */
  stock(layer: z.output<S>, tools: StockTools): readonly StockLayer[];
  /**
   * The settings (without `type`) of a `tf.layers` layer, but for its fused activation; undefined where it is another op's; a string where it
   * is this op's but set to something that this op does not compute: a clause whose subject is the layer.
   */
  read(found: FoundLayer): Settings | string | undefined;

  /** Kernels of the native engine. Absent: it has none. */
  compile?(layer: z.output<S>, emit: Emit): void;
  /** Why the native engine cannot compute this layer, a clause; undefined: it can. */
  refuse?(layer: z.output<S>, inputs: readonly Shape[]): string | undefined;
}

export interface Weight {
  /** "kernel", "bias", "gamma", ... */
  readonly name: string;
  readonly shape: Shape;
  /** False: moving statistics. */
  readonly trainable: boolean;
  /** First values: one number, or He-uniform. */
  readonly first: number | 'heUniform';
}

export interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Positions before the first and after the last input. */
  readonly padding: readonly [before: number, after: number];
}

export type Reach =
  /** `operation` as in published tables: "Conv2d", "MaxPool". */
  | {
      readonly kind: 'window';
      readonly operation: string;
      readonly height: AxisWindow;
      readonly width: AxisWindow;
    }
  /** Every output reads every position. */
  | { readonly kind: 'whole'; readonly operation: string }
  /** The same position of several inputs. */
  | { readonly kind: 'merge'; readonly operation: string };

export interface StockTools {
  readonly layers: typeof layers;
  readonly custom: CustomLayers;
  readonly name: string;
  readonly inputs: readonly Shape[];
}

export type Sides = readonly [
  rows: readonly [before: number, after: number],
  columns: readonly [before: number, after: number],
];
export type PaddingMode = 'zeros' | 'replicate' | 'reflect';

/** Layers that tfjs lacks: registered with it, so that a saved model can be loaded where this package is imported. */
export interface CustomLayers {
  /** Batch norm without gamma, beta or both. */
  partialBatchNorm(args: {
    readonly name: string;
    readonly momentum: number;
    readonly epsilon: number;
    readonly scale: boolean;
    readonly center: boolean;
  }): StockLayer;
  groupNorm(args: {
    readonly name: string;
    readonly groups: number;
    readonly epsilon: number;
    readonly affine: boolean;
  }): StockLayer;
  /** Padding by other values than zeros: the border's own, mirrored ones, or a number. */
  padding(args: {
    readonly name: string;
    readonly sides: Sides;
    readonly fill: 'replicate' | 'reflect' | 'lowest';
  }): StockLayer;
  groupedConvolution(args: {
    readonly name: string;
    readonly filters: number;
    readonly groups: number;
    readonly kernelSize: readonly [number, number];
    readonly strides: readonly [number, number];
    readonly dilationRate: readonly [number, number];
    readonly padding: 'valid' | 'same';
    readonly useBias: boolean;
  }): StockLayer;
  channelsFirstFlatten(args: { readonly name: string }): StockLayer;
  pointwise(args: { readonly name: string; readonly function: string }): StockLayer;
}

/** Of a layer, without its type; the op's schema checks them. */
export type Settings = Readonly<Record<string, unknown>>;

/** A `tf.layers` layer as it stands in a model. */
export interface FoundLayer {
  /** "Conv2D", "ReLU", ... */
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Of one image; null: a free size. */
  readonly inputs: readonly (readonly (number | null)[])[];
}

/** Settings that every layer has. */
export const placed = {
  /** Absent: the op's prefix and a number. */
  name: z
    .string()
    .regex(/^[\w./-]+$/, 'letters, digits and . / _ -')
    .optional(),
  /** Names of the layers whose outputs it reads; 'input' is the image. Absent: the layer before. */
  from: z.union([z.string(), z.array(z.string()).min(1).readonly()]).optional(),
  /** True: training leaves its weights as they are. */
  frozen: z.boolean().optional(),
  /** Name of an earlier layer of the same settings whose weights it uses: the two are one layer, applied twice. */
  weightsOf: z.string().optional(),
};

export type LayerSchema = z.ZodType<
  { readonly type: string } & { readonly [K in keyof typeof placed]?: z.output<(typeof placed)[K]> },
  { readonly type: string } & { readonly [K in keyof typeof placed]?: z.input<(typeof placed)[K]> }
>;

/** The schema of a layer type: its own settings beside those of every layer, and no others. */
export function layerSchema<T extends string, S extends z.ZodRawShape>(type: T, settings: S) {
  return z.strictObject({ type: z.literal(type), ...placed, ...settings });
}

/** Gives an op its type and nothing else. */
export function defineOp<S extends LayerSchema>(op: Op<S>): Op<S> {
  return op;
}
