import { describe, expect, it } from 'vitest';
import { SQUARES_BYTES, UPDATE_BYTES, stepWriter, writeUpdate } from '../../src/engine/native/update.ts';
import { createMemory, loadKernels } from '../../src/engine/native/module.ts';
import { uniform } from '../../src/random.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { optimizers, reference } from '../support/optimizers.ts';

/** Not a multiple of eight vectors, so that shares differ. */
const COUNT = 68;
const MOVING = 12;
const STEPS = 4;
const PLACE = 65_536;

/** Weights, averages and averages of moving statistics after some steps on `threads` threads, one after the other. */
function run(recipe: Recipe, threads: number) {
  const memory = createMemory(4 * PLACE);
  const kernels = loadKernels(memory);
  let next = PLACE;
  const take = (bytes: number) => {
    next += Math.ceil(bytes / 64) * 64;
    return next - Math.ceil(bytes / 64) * 64;
  };
  const places = {
    weights: take(4 * COUNT),
    gradients: take(4 * COUNT),
    first: take(4 * COUNT),
    second: take(4 * COUNT),
    decays: take(4 * COUNT),
    averages: take(4 * COUNT),
    moving: take(4 * MOVING),
    movingAverages: take(4 * MOVING),
    squares: take(SQUARES_BYTES),
    count: COUNT,
    movingCount: MOVING,
  };
  const update = take(UPDATE_BYTES);
  const floats = (at: number, count: number) => new Float32Array(memory.buffer, at, count);
  const random = (key: number, count: number) =>
    Float32Array.from({ length: count }, (_, i) => 2 * uniform(key, i) - 1);
  floats(places.weights, COUNT).set(random(1, COUNT));
  floats(places.averages, COUNT).set(random(1, COUNT));
  floats(places.moving, MOVING).set(random(2, MOVING));
  floats(places.decays, COUNT).fill(typeof recipe.weightDecay === 'number' ? recipe.weightDecay : 0);
  writeUpdate(memory.buffer, update, places, recipe);
  const writeStep = stepWriter(memory.buffer, update, recipe);
  for (let step = 0; step < STEPS; step++) {
    floats(places.gradients, COUNT).set(random(10 + step, COUNT));
    writeStep({ step, learningRate: 0.1 / (1 + step) });
    for (let thread = 0; thread < threads; thread++) kernels.sumSquares(update, thread, threads);
    for (let thread = 0; thread < threads; thread++) kernels.updateWeights(update, thread, threads);
  }
  return {
    start: random(1, COUNT),
    gradients: Array.from({ length: STEPS }, (_, step) => random(10 + step, COUNT)),
    weights: floats(places.weights, COUNT).slice(),
    averages: floats(places.averages, COUNT).slice(),
    movingAverages: floats(places.movingAverages, MOVING).slice(),
    moving: random(2, MOVING),
  };
}

describe.each(optimizers)('the update of weights by %s', (_, recipe) => {
  it('is the textbook formula in float64, to float32', () => {
    const { start, gradients, weights } = run(recipe, 1);
    const expected = reference(recipe, start, gradients, (step) => 0.1 / (1 + step));
    const worst = weights.reduce((most, weight, i) => Math.max(most, Math.abs(weight - expected[i]!)), 0);
    expect(worst).toBeLessThan(5e-7);
    expect(weights).not.toEqual(start);
  });

  it.each([2, 3, 5, 8])('has the same bits on %i threads as on one', (threads) => {
    expect(run(recipe, threads)).toEqual(run(recipe, 1));
  });
});

describe('averages of weights and moving statistics', () => {
  const recipe: Recipe = {
    epochs: 1,
    batch: 1,
    schedule: { type: 'constant', learningRate: 0 },
    weightAveraging: { decay: 0.2 },
  };

  it('move by min(decay, (1 + t) / (10 + t)), worked by hand over four steps', () => {
    const { moving, movingAverages, averages, weights } = run(recipe, 3);
    // Decays of 0.1, 2/11, 0.2, 0.2 from averages of 0: what is left of the start is their product.
    const share = 1 - (0.1 * 2 * 0.2 * 0.2) / 11;
    moving.forEach((value, i) => expect(movingAverages[i]).toBeCloseTo(value * share, 6));
    expect(averages).not.toEqual(weights);
  });

  it('stay as they are without averaging', () => {
    const { weightAveraging: _, ...plain } = recipe;
    const { start, averages, movingAverages } = run(plain, 1);
    expect(averages).toEqual(start);
    expect([...movingAverages].every((value) => value === 0)).toBe(true);
  });
});
