import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../../src/backend/select.ts';
import { createUpdate } from '../../../../src/engine/stock/update.ts';
import type { Recipe } from '../../../../src/recipe/recipe.ts';
import { uniform } from '../../../../src/random.ts';
import { optimizers, reference } from '../../../support/optimizers.ts';

const COUNT = 24;
const STEPS = 4;
beforeAll(() => selectBackend({ force: 'cpu' }));

const random = (key: number) => Float32Array.from({ length: COUNT }, (_, i) => 2 * uniform(key, i) - 1);
const rate = (step: number) => 0.1 / (1 + step);
const gradients = Array.from({ length: STEPS }, (_, step) => random(10 + step));

/** The weights after some steps, as two variables: the first 8 values and the rest. */
function run(recipe: Recipe, names: readonly [string, string]): number[] {
  const parts = [random(1).slice(0, 8), random(1).slice(8)].map((part) => tf.variable(tf.tensor1d(part)));
  const update = createUpdate(
    parts.map((variable, i) => ({ variable, name: names[i]! })),
    recipe,
  );
  for (const [step, values] of gradients.entries()) {
    tf.tidy(() => {
      const [first, rest] = [tf.tensor1d(values.slice(0, 8)), tf.tensor1d(values.slice(8))];
      update.apply({ [parts[0]!.name]: first, [parts[1]!.name]: rest }, rate(step), step);
    });
  }
  update.dispose();
  const found = parts.flatMap((part) => [...part.dataSync()]);
  parts.forEach((part) => part.dispose());
  return found;
}

describe.each(optimizers)("the stock engine's update of weights by %s", (_, recipe) => {
  it('is the textbook formula, over all weights together', () => {
    const expected = reference(recipe, random(1), gradients, rate);
    const worst = run(recipe, ['kernel', 'kernel']).reduce(
      (most, weight, i) => Math.max(most, Math.abs(weight - expected[i]!)),
      0,
    );
    expect(worst).toBeLessThan(5e-7);
  });
});

describe("the stock engine's weight decay", () => {
  it('leaves out what the recipe leaves out', () => {
    const [, recipe] = optimizers[1]!;
    const decayed = run(recipe, ['gamma', 'kernel']);
    const spared = run({ ...recipe, weightDecay: { rate: 0.1, norms: false, biases: true } }, [
      'gamma',
      'kernel',
    ]);
    const none = run({ ...recipe, weightDecay: 0 }, ['gamma', 'kernel']);
    expect(spared.slice(0, 8)).toEqual(none.slice(0, 8));
    expect(spared.slice(8)).toEqual(decayed.slice(8));
    expect(decayed.slice(0, 8)).not.toEqual(none.slice(0, 8));
  });
});
