import type { Recipe } from '../../src/recipe/recipe.ts';

const BASE: Recipe = {
  epochs: 1,
  batch: 1,
  schedule: { type: 'constant', learningRate: 0.1 },
  weightDecay: 0.1,
};

/** Recipes that differ in how weights are updated. */
export const optimizers: readonly (readonly [string, Recipe])[] = [
  ['plain SGD', { ...BASE, weightDecay: 0 }],
  ['SGD with momentum and weight decay', { ...BASE, momentum: 0.9 }],
  ['SGD with Nesterov momentum', { ...BASE, optimizer: { type: 'sgd', momentum: 0.9, nesterov: true } }],
  ['SGD on gradients cut to a value', { ...BASE, gradientClipping: { value: 0.5 } }],
  ['SGD on gradients cut to a length', { ...BASE, gradientClipping: { norm: 2 } }],
  ['SGD on gradients shorter than the limit', { ...BASE, gradientClipping: { norm: 1e4 } }],
  ['Adam', { ...BASE, optimizer: { type: 'adam' } }],
  ['Adam of other settings', { ...BASE, optimizer: { type: 'adam', beta1: 0.5, beta2: 0.9, epsilon: 0.01 } }],
  ['AdamW', { ...BASE, optimizer: { type: 'adamW' } }],
  [
    'AdamW on gradients cut to a length',
    { ...BASE, optimizer: { type: 'adamW' }, gradientClipping: { norm: 1 } },
  ],
];

/**
 * The weights after a step for each of `gradients`, in float64, by the formulas of PyTorch's documentation of SGD, Adam and
 * AdamW; clipping as in its `clip_grad_norm_` and `clip_grad_value_`.
 */
export function reference(
  recipe: Recipe,
  start: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
  rate: (step: number) => number,
): number[] {
  const decay = recipe.weightDecay as number;
  const { optimizer = { type: 'sgd', momentum: recipe.momentum ?? 0 }, gradientClipping = {} } = recipe as {
    optimizer?: NonNullable<Recipe['optimizer']>;
    gradientClipping?: { norm?: number; value?: number };
  };
  const weights = Array.from(start);
  const first = weights.map(() => 0);
  const second = weights.map(() => 0);
  gradients.forEach((raw, step) => {
    const { norm = Infinity, value = Infinity } = gradientClipping;
    const length = Math.hypot(...Array.from(raw));
    for (let i = 0; i < weights.length; i++) {
      let g = Math.max(-value, Math.min(value, raw[i]! * Math.min(1, norm / length)));
      if (optimizer.type === 'adamW') weights[i]! *= 1 - rate(step) * decay;
      else g += decay * weights[i]!;
      if (optimizer.type === 'sgd') {
        const { momentum = 0, nesterov = false } = optimizer;
        first[i] = momentum * first[i]! + g;
        weights[i]! -= rate(step) * (nesterov ? g + momentum * first[i]! : first[i]!);
        continue;
      }
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimizer;
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
      const mean = first[i]! / (1 - beta1 ** (step + 1));
      const square = second[i]! / (1 - beta2 ** (step + 1));
      weights[i]! -= (rate(step) * mean) / (Math.sqrt(square) + epsilon);
    }
  });
  return weights;
}
