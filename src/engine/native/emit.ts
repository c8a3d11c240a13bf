import type { BlockKernel, FieldOf, DescribedKernel, OnceKernel } from './descriptor.ts';

/**
 * What an op's `compile` is given, and how it says which kernels compute it. Nothing here has an address yet: buffers are
 * laid out when every op has spoken (`memory.ts`), and fields of a descriptor that name a buffer are filled in then.
 *
 * `compile(layer, emit)` is called once for the training step and once for evaluation (`emit.training`), node by node in the
 * order of computation. The order of its calls is the order of its kernels:
 *
 *   forward('sumMoments', ...)   runs for each block of eight images, right behind what the node reads;
 *   meet('finishMoments', ...)   runs once, when that has been done for all blocks: what follows is in the next phase;
 *   forward('normalize', ...)    runs for each block in the next phase;
 *   backward(...), meetBackward(...), backward(...)   likewise for the gradient, the node's last phase first.
 *
 * Most ops have one `forward` and one or two `backward` and never meet. Evaluation ignores everything about gradients.
 */
export interface Emit {
  /** False: forward only, moving statistics, no dropout. */
  readonly training: boolean;
  /** What the layer reads, in order. */
  readonly inputs: readonly Lanes[];
  /** What it computes; the op must write all of it. */
  readonly output: Lanes;
  /** The layer's weights by the names that its op gives them. */
  weight(name: string): WeightPlaces;
  /** Gradient of the output: whole when the first `backward` kernel of the op runs. */
  outputGradient(): Lanes;
  /**
   * Where the gradient by input `index` belongs; undefined: nobody needs it. The kernel must write all of it. Where several
   * nodes read the input, the compiler adds up.
   */
  inputGradient(index: number): Lanes | undefined;
  /**
   * The same for a kernel that can add by itself, which saves a pass: where `adds` (a field that becomes 0 or 1) is 1, it must
   * add to what is there, else write over it.
   */
  addableInputGradient(index: number): AddableLanes | undefined;
  /** A buffer of `floats` values an image, [floats][8] a block: from the first kernel that is told of it to the last. */
  block(floats: number): Lanes;
  /** A wish: from the kernel on that first names `lanes` it may lie in the place of `old`, if nobody needs `old` after that kernel. */
  mayReplace(lanes: Lanes, old: Lanes): void;
  /** `bytes` for whichever thread runs the kernel; what it holds is lost after that. */
  scratch(bytes: number): Later;
  /** `bytes` for everybody: what a `prepare` or `meet` kernel leaves for the others. */
  shared(bytes: number): Later;
  /** `bytes` a shard of the batch, cleared before each step; a kernel adds to `at + shard * stride`. Sums that must be added in a fixed order. */
  shards(bytes: number): Strided;
  /** `shards` for the gradient of a weight, f32 in its own shape; the compiler adds them up into the weight's gradient. */
  gradientSums(weight: WeightPlaces): Strided;
  /** Where this step's key of the node's dropout mask lies (u32): the nodes with dropout are numbered in order. */
  dropoutKey(): Later;
  /** `floats` values that never change, such as a factor of 1 for everybody. */
  constant(value: number, floats: number): Later;
  /** How many shards a batch is cut into. */
  readonly shardCount: number;
  /** Asks a kernel of sizes, such as `winogradScratch`. */
  measure(kernel: 'winogradScratch', ...sizes: readonly number[]): number;
  /** Address of what changes with every step: `assembly/order.ts`. */
  readonly order: Later;

  /** Adds a kernel that runs for each block, in order. */
  forward<K extends BlockKernel>(kernel: K, fields: FieldsOf<K>): void;
  backward<K extends BlockKernel>(kernel: K, fields: FieldsOf<K>): void;
  /** Adds a kernel that all threads run, each its part, before the first block of the step: transforms of weights. */
  prepare<K extends OnceKernel>(kernel: K, fields: FieldsOf<K>): void;
  /** Adds a kernel that runs once all blocks have come this far; what the op adds after it runs in the next phase. */
  meet<K extends OnceKernel>(kernel: K, fields: FieldsOf<K>): void;
  meetBackward<K extends OnceKernel>(kernel: K, fields: FieldsOf<K>): void;
  /** Adds a kernel that all threads run, each its part, after the last block and before the weights change: gradients out of sums. */
  finish<K extends OnceKernel>(kernel: K, fields: FieldsOf<K>): void;
}

/** A value of the graph, or its gradient, or what a kernel leaves for another: [floats][8] a block of eight images. */
export interface Lanes extends Strided {
  /** Of one image: [height, width, channels], or [features]. */
  readonly shape: readonly number[];
}

export interface AddableLanes extends Lanes {
  readonly adds: Later;
}

/** Block (or shard) i of it lies at `at + i * stride`. */
export interface Strided {
  readonly at: Later;
  readonly stride: Later;
}

export interface WeightPlaces {
  readonly shape: readonly number[];
  readonly floats: number;
  readonly value: Later;
  /** Of trainable weights, in training. */
  readonly gradient?: Later;
}

/** A number that is known when everything is laid out. */
export type Later =
  | { readonly kind: 'address'; readonly buffer: Buffer; readonly offset: number }
  | { readonly kind: 'stride'; readonly buffer: Buffer }
  | { readonly kind: 'adds'; readonly value: number; readonly reader: number; readonly input: number };

/** A stretch of memory; `per` says of what there is one each. */
export interface Buffer {
  readonly per: 'block' | 'thread' | 'shard' | 'program';
  readonly bytes: number;
}

export type Field = number | Later;

/** The fields of a kernel's descriptor: `assembly/kernel.ts` says how they are called. */
export type FieldsOf<K extends DescribedKernel> = Readonly<Record<FieldOf<K>, Field>>;
