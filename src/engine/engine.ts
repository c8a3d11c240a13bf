import type { ImageSet } from '../data/dataset.ts';

/** What a training step needs beside the network: which images, how they are changed, and the size of the step. */
export interface StepRequest {
  /** Indices into the training images, at most the recipe's batch. */
  readonly images: Uint32Array;
  readonly epoch: number;
  /** Steps done before this one, over the whole run. */
  readonly step: number;
  readonly learningRate: number;
}

/** Sums over the images of a step or an evaluation. */
export interface Tally {
  readonly loss: number;
  readonly correct: number;
}

export interface Evaluation extends Tally {
  /** Predicted class of every image. */
  readonly predictions: Uint16Array;
}

/**
 * What computes the steps of a training run. The loop is the same for every engine; an engine owns the weights while
 * it trains and writes them to the model when asked.
 */
export interface Engine {
  readonly name: 'wasm' | 'tfjs';
  /** Of the arithmetic: raised whenever the same run would give other bits. */
  readonly version: string;
  readonly threads: number;
  /** To be awaited before anything else: resolves when all threads listen. */
  readonly ready: Promise<void>;
  step(request: StepRequest): Tally;
  /** Forward pass over all images of `set`, in order, with the weights as they are (averaged, where the recipe says so). */
  evaluate(set: ImageSet): Evaluation;
  /** Writes the weights that `evaluate` uses, and the moving statistics, into the model. */
  writeWeights(): void;
  /**
   * Everything that the next step follows from but its request: weights, moving statistics, moments of the optimizer and averages,
   * little-endian floats. Between steps only.
   */
  saveState(): Uint8Array;
  /** Puts it back. Throws where its length is not that of this network and recipe. */
  loadState(bytes: Uint8Array): void;
  /** Ends threads and frees what the engine holds, not the model. */
  dispose(): void;
}
