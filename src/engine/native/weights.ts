import { hasOwnWeights } from '../../model/graph.ts';
import type { LayerVariable, ReadModel } from '../../model/network-of.ts';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { decayOf } from '../../recipe/optimizer.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Buffer, Later, WeightPlaces } from './emit.ts';

/**
 * The weights of a network in two flat arrays, those that are trained and the moving statistics, whose parts are whole
 * vectors. `evaluated` and `evaluatedMoving` are what an evaluation reads: the weights, or their averages.
 */
export interface WeightBook {
  /** Floats of each array. */
  readonly count: number;
  readonly movingCount: number;
  readonly buffers: Readonly<Record<ArrayName, Buffer>>;
  readonly entries: readonly Entry[];
}

const ARRAYS = ['weights', 'gradients', 'first', 'second', 'decays', 'averages', 'evaluated'] as const;
const MOVING_ARRAYS = ['moving', 'movingAverages', 'evaluatedMoving'] as const;
type ArrayName = (typeof ARRAYS)[number] | (typeof MOVING_ARRAYS)[number];

interface Entry {
  readonly layer: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly floats: number;
  readonly trainable: boolean;
  /** Bytes into its array. */
  readonly offset: number;
  readonly variable: LayerVariable;
}

export function weightBookOf({ graph, weights }: Pick<ReadModel, 'graph' | 'weights'>): WeightBook {
  let count = 0;
  let movingCount = 0;
  const entries = graph.nodes.filter(hasOwnWeights).flatMap((node) =>
    node.weights.map(({ name, shape, trainable }, i): Entry => {
      const floats = shape.reduce((product, size) => product * size, 1);
      const offset = 4 * (trainable ? count : movingCount);
      if (trainable) count += Math.ceil(floats / 4) * 4;
      else movingCount += Math.ceil(floats / 4) * 4;
      const variable = weights.get(node.name)![i]!;
      return { layer: node.name, name, shape, floats, trainable, offset, variable };
    }),
  );
  const buffer = (floats: number): Buffer => ({ per: 'program', bytes: 4 * floats });
  const buffers = Object.fromEntries([
    ...ARRAYS.map((name) => [name, buffer(count)]),
    ...MOVING_ARRAYS.map((name) => [name, buffer(movingCount)]),
  ]) as Record<ArrayName, Buffer>;
  return { count, movingCount, buffers, entries };
}

/** Where the weights of a layer are, for the program of a step or of an evaluation. */
export function weightPlaces(
  { entries, buffers }: WeightBook,
  layer: string,
  training: boolean,
): Record<string, WeightPlaces> {
  const at = (name: ArrayName, offset: number): Later => ({ kind: 'address', buffer: buffers[name], offset });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.layer === layer)
      .map(({ name, shape, floats, trainable, offset }): [string, WeightPlaces] => {
        if (!trainable) {
          return [name, { shape, floats, value: at(training ? 'moving' : 'evaluatedMoving', offset) }];
        }
        const value = at(training ? 'weights' : 'evaluated', offset);
        const gradient = training ? { gradient: at('gradients', offset) } : {};
        return [name, { shape, floats, value, ...gradient }];
      }),
  );
}

/** The model's weights into the memory; `addresses` are those of the book's buffers. */
export function readWeights(
  { entries }: WeightBook,
  floats: Float32Array,
  addresses: Readonly<Record<ArrayName, number>>,
): void {
  for (const { variable, trainable, offset } of entries) {
    const value = variable.read();
    floats.set(value.dataSync(), (addresses[trainable ? 'weights' : 'moving'] + offset) / 4);
  }
}

/** What an evaluation reads into the model. */
export function writeWeights(
  { entries }: WeightBook,
  floats: Float32Array,
  addresses: Readonly<Record<ArrayName, number>>,
): void {
  tidy(() => {
    for (const { variable, trainable, offset, floats: length } of entries) {
      const at = (addresses[trainable ? 'evaluated' : 'evaluatedMoving'] + offset) / 4;
      variable.write(tensor(floats.slice(at, at + length), variable.shape as number[]));
    }
  });
}

/** What outlives a step, in this order. The gradients and what is evaluated are made anew. */
const STATE = ['weights', 'moving', 'first', 'second', 'averages', 'movingAverages'] as const;

/** The arrays of `STATE`, one after the other. */
export function saveState(
  { buffers }: WeightBook,
  bytes: Uint8Array,
  addresses: Readonly<Record<ArrayName, number>>,
): Uint8Array {
  const parts = STATE.map((name) => bytes.slice(addresses[name], addresses[name] + buffers[name].bytes));
  return new Uint8Array(Buffer.concat(parts));
}

/** Puts back what `saveState` gave; throws where the length is another. */
export function loadState(
  { buffers }: WeightBook,
  bytes: Uint8Array,
  addresses: Readonly<Record<ArrayName, number>>,
  state: Uint8Array,
): void {
  const expected = STATE.reduce((sum, name) => sum + buffers[name].bytes, 0);
  if (state.length !== expected)
    throw new Error(`a state of ${expected} bytes was expected, found ${state.length}`);
  let from = 0;
  for (const name of STATE) {
    bytes.set(state.subarray(from, from + buffers[name].bytes), addresses[name]);
    from += buffers[name].bytes;
  }
}

/** The weight decay of each weight, as `updateWeights` reads it. */
export function writeDecays(
  { entries }: WeightBook,
  recipe: Recipe,
  floats: Float32Array,
  decays: number,
): void {
  for (const { name, trainable, offset, floats: length } of entries) {
    if (!trainable) continue;
    const from = (decays + offset) / 4;
    floats.fill(decayOf(recipe, name), from, from + length);
  }
}
