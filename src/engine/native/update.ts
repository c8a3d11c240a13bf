import { biasCorrection, updateRule } from '../../recipe/optimizer.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { averagingDecay } from '../draws.ts';

/** Addresses of what the update reads and writes; sizes in floats, whole vectors of four. */
export interface UpdatePlaces {
  readonly weights: number;
  readonly gradients: number;
  readonly first: number;
  readonly second: number;
  readonly decays: number;
  readonly averages: number;
  readonly moving: number;
  readonly movingAverages: number;
  readonly squares: number;
  readonly count: number;
  readonly movingCount: number;
}

/** The fields of `Update` in assembly/optimizer.ts, in order; each has four bytes. */
const FIELDS = {
  weights: 'u32',
  gradients: 'u32',
  first: 'u32',
  second: 'u32',
  decays: 'u32',
  averages: 'u32',
  moving: 'u32',
  movingAverages: 'u32',
  squares: 'u32',
  count: 'u32',
  movingCount: 'u32',
  rule: 'u32',
  nesterov: 'u32',
  beta1: 'f32',
  beta2: 'f32',
  rest1: 'f32',
  rest2: 'f32',
  epsilon: 'f32',
  clipNorm: 'f32',
  clipValue: 'f32',
  rate: 'f32',
  correction1: 'f32',
  correction2: 'f32',
  averaging: 'f32',
} as const;
type Field = keyof typeof FIELDS;
const OFFSETS = new Map(Object.keys(FIELDS).map((name, i) => [name, 4 * i]));

export const UPDATE_BYTES = 4 * OFFSETS.size;
/** f64: sums of squares of the gradients' eight parts. */
export const SQUARES_BYTES = 64;

const RULES = { sgd: 0, adam: 1, adamW: 2 } as const;
/** What the kernels take for "no limit". */
const NO_LIMIT = 3.4028234663852886e38;

/** Writes what holds for all steps of a run to `at`. */
export function writeUpdate(buffer: ArrayBufferLike, at: number, places: UpdatePlaces, recipe: Recipe): void {
  const rule = updateRule(recipe);
  const [beta1, beta2, epsilon] =
    rule.type === 'sgd' ? [rule.momentum, 0, 0] : [rule.beta1, rule.beta2, rule.epsilon];
  const limit = (value: number) => Math.min(value, NO_LIMIT);
  write(buffer, at, {
    ...places,
    rule: RULES[rule.type],
    nesterov: rule.type === 'sgd' && rule.nesterov ? 1 : 0,
    beta1,
    beta2,
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    epsilon,
    clipNorm: limit(rule.clipNorm),
    clipValue: limit(rule.clipValue),
  });
}

/**
 * A function that writes what changes with every step to `at`; `step`: steps done before this one. All threads wait for it, so it keeps its
 * view and the places.
 */
export function stepWriter(buffer: ArrayBufferLike, at: number, recipe: Recipe) {
  const rule = updateRule(recipe);
  const floats = new Float32Array(buffer, at, UPDATE_BYTES / 4);
  const rate = placeOf('rate');
  const correction1 = placeOf('correction1');
  const correction2 = placeOf('correction2');
  const averaging = placeOf('averaging');
  return ({ step, learningRate }: { readonly step: number; readonly learningRate: number }): void => {
    floats[rate] = learningRate;
    floats[correction1] = rule.type === 'sgd' ? 1 : biasCorrection(rule.beta1, step);
    floats[correction2] = rule.type === 'sgd' ? 1 : biasCorrection(rule.beta2, step);
    floats[averaging] = averagingDecay(recipe, step);
  };
}

/** In words from the descriptor's start. */
function placeOf(field: Field): number {
  return OFFSETS.get(field)! / 4;
}

function write(buffer: ArrayBufferLike, at: number, values: Partial<Readonly<Record<Field, number>>>): void {
  const view = new DataView(buffer);
  for (const [name, value] of Object.entries(values) as [Field, number][]) {
    const offset = at + OFFSETS.get(name)!;
    if (FIELDS[name] === 'u32') view.setUint32(offset, value, true);
    else view.setFloat32(offset, value, true);
  }
}
