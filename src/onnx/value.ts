import type { Settings, Shape } from '../ops/op.ts';
import type { OnnxNode } from './file.ts';
import type { OnnxTensor } from './tensor.ts';

/** Where a file's maps have their channels: 'first' [N, C, H, W], 'last' [N, H, W, C]. */
export type Layout = 'first' | 'last';

/** What depends on the image: the output of a layer that was read, or where `place` is `IMAGE` the image itself. */
export interface Data {
  readonly kind: 'data';
  readonly place: number;
  /** Of one image, channels last whatever the file's layout. Absent: not known. */
  readonly shape?: Shape;
  readonly layout: Layout;
  /** The file has the channels of a map [N, groups, channels / groups x height x width]: a step on the way to a group norm. */
  readonly groups?: number;
}

export type Value =
  | Data
  | { readonly kind: 'tensor'; readonly tensor: OnnxTensor }
  /** Of a value, as the operators that reshape are given them; null: the batch. */
  | { readonly kind: 'sizes'; readonly sizes: readonly (number | null)[] };

/** Weights of the file that a layer holds. */
export interface Held {
  readonly name: string;
  readonly count: number;
  /** False: moving statistics. */
  readonly trainable: boolean;
}

/** A layer on its way to plain data. */
export interface Draft {
  readonly node: OnnxNode;
  /** What the file calls its output. */
  readonly output: string;
  /** Places of what it reads. */
  readonly from: readonly number[];
  readonly inputShapes: readonly (Shape | undefined)[];
  readonly shape?: Shape;
  readonly held: readonly Held[];
  readonly said: Said | Foreign;
}

/** One of this project's layers. */
export interface Said {
  readonly type: string;
  readonly settings: Settings;
  /** In the order and layout of the op's weights. */
  readonly weights: readonly Float32Array[];
}

/** An operator that is none of this project's layers. */
export interface Foreign {
  readonly foreign: string;
  /** Why, a clause whose subject is the operator: "is not known". */
  readonly reason: string;
  /** Which positions of its input one of its output is made of: the same, the same of several inputs, or not known. */
  readonly reach: 'position' | 'merge' | 'unknown';
}

/** How an operator is told to the reader. */
export interface Emission {
  readonly type: string;
  readonly settings?: Settings;
  readonly from: readonly Data[];
  readonly weights?: readonly Float32Array[];
  readonly held?: readonly Held[];
}

/** One operator of a file, and the means to read it. */
export interface Use {
  readonly node: OnnxNode;
  readonly opset: number;
  /** Undefined: left out, or an optional one that is empty. */
  input(index: number): Value | undefined;
  data(index: number): Data | undefined;
  tensor(index: number): OnnxTensor | undefined;
  /** Whole numbers: of an attribute, or where later opsets made it one, of an input. */
  ints(name: string, input?: number): readonly number[] | undefined;
  number(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
  /** Adds a layer; a string where it does not fit what it reads. */
  emit(emission: Emission): Data | string;
  /** The one operator that reads this output, where it is one, and where it is not an output of the network. */
  reader(output: string): OnnxNode | undefined;
  /** All operators that read this output. */
  readers(output: string): readonly OnnxNode[];
  value(name: string): Value | undefined;
  /** Says that another operator is done by this one: its output is what this one's is. */
  absorb(node: OnnxNode): void;
}

/** What comes out, or why it is none of this project's layers: a clause whose subject is the operator. */
export type Operator = (use: Use) => Value | string;

/** Undefined where `values` is absent or holds no floats. */
export function floatsOf(tensor: OnnxTensor | undefined): Float32Array | undefined {
  return tensor?.isFloat && tensor.values instanceof Float32Array ? tensor.values : undefined;
}

export function heldOf(tensor: OnnxTensor, trainable = true): Held {
  return { name: tensor.name, count: tensor.dims.reduce((all, size) => all * size, 1), trainable };
}

/** A decimal number that was stored as a float, as it was written: 9.999999747378752e-6 is 1e-5. */
export function decimal(value: number): number {
  return Number(Math.fround(value).toPrecision(7));
}

/** Why a layer's weights cannot be had: a clause. */
export const NO_WEIGHTS = 'has weights that are computed or not floats of 32 bits';
export const NO_MAP = 'does not read a map whose channels are where it expects them';
