import * as tf from '@tensorflow/tfjs-core';
import { biasCorrection, decayOf, updateRule, type UpdateRule } from '../../recipe/optimizer.ts';
import type { Recipe } from '../../recipe/recipe.ts';

export interface Trainable {
  readonly variable: tf.Variable;
  /** In its layer: "kernel", "bias", ... */
  readonly name: string;
}

export interface Update {
  /** Changes every weight by its gradient; inside a `tidy`. `step`: steps done before this one. */
  apply(gradients: tf.NamedTensorMap, learningRate: number, step: number): void;
  /** First moments, then second ones where there are any: what outlives a step beside the weights. */
  readonly moments: readonly tf.Variable[];
  dispose(): void;
}

/** The recipe's optimizer, as `src/recipe/optimizer.ts` describes it, out of plain tfjs operations. */
export function createUpdate(weights: readonly Trainable[], recipe: Recipe): Update {
  const rule = updateRule(recipe);
  const zeros = () =>
    tf.tidy(() => weights.map(({ variable }) => tf.variable(tf.zerosLike(variable), false)));
  const first = zeros();
  const second = rule.type === 'sgd' ? [] : zeros();
  return {
    moments: [...first, ...second],
    apply(gradients, learningRate, step) {
      const clipped = clip(
        weights.map(({ variable }) => gradients[variable.name]!),
        rule,
      );
      // Made once: as plain numbers each of them would become a tensor again for every weight.
      const [pace, friction] = [learningRate, rule.type === 'sgd' ? rule.momentum : 0].map((value) =>
        tf.scalar(value),
      );
      weights.forEach(({ variable, name }, i) => {
        const decay = decayOf(recipe, name);
        const g = clipped[i]!;
        const gradient = decay === 0 || rule.type === 'adamW' ? g : tf.add(g, tf.mul(variable, decay));
        const shrunk = rule.type === 'adamW' ? tf.mul(variable, 1 - learningRate * decay) : variable;
        const direction =
          rule.type === 'sgd'
            ? momentumDirection(gradient, first[i]!, friction!, rule.nesterov)
            : adamDirection(rule, gradient, first[i]!, second[i]!, step);
        variable.assign(tf.sub(shrunk, tf.mul(direction, pace!)));
      });
    },
    dispose() {
      for (const held of [...first, ...second]) held.dispose();
    },
  };
}

function clip(gradients: readonly tf.Tensor[], { clipNorm, clipValue }: UpdateRule): readonly tf.Tensor[] {
  if (clipValue < Infinity) return gradients.map((each) => tf.clipByValue(each, -clipValue, clipValue));
  if (clipNorm === Infinity) return gradients;
  const squares = gradients.map((each) => tf.sum(tf.square(each)));
  const norm = Math.sqrt(squares.reduce((sum, square) => sum + square.dataSync()[0]!, 0));
  return norm > clipNorm ? gradients.map((each) => tf.mul(each, clipNorm / norm)) : gradients;
}

function momentumDirection(
  gradient: tf.Tensor,
  velocity: tf.Variable,
  momentum: tf.Scalar,
  nesterov: boolean,
): tf.Tensor {
  velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
  return nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
}

function adamDirection(
  { beta1, beta2, epsilon }: UpdateRule & { type: 'adam' | 'adamW' },
  gradient: tf.Tensor,
  mean: tf.Variable,
  square: tf.Variable,
  step: number,
): tf.Tensor {
  mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
  square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
  const root = tf.sqrt(tf.div(square, biasCorrection(beta2, step)));
  return tf.div(tf.div(mean, biasCorrection(beta1, step)), tf.add(root, epsilon));
}
