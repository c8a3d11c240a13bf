import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { OWN_FUNCTIONS } from '../../ops/activation.ts';

type OwnFunction = (typeof OWN_FUNCTIONS)[number];

interface Args {
  readonly name: string;
  readonly function: string;
}

const FUNCTIONS: Readonly<Record<OwnFunction, (x: tf.Tensor) => tf.Tensor>> = {
  /** x relu6(x + 3) / 6 (Howard et al. 2019, https://arxiv.org/abs/1905.02244). */
  hardSwish: (x) => tf.div(tf.mul(x, tf.clipByValue(tf.add(x, 3), 0, 6)), 6),
  hardTanh: (x) => tf.clipByValue(x, -1, 1),
  logSigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
};

/** An activation that tfjs lacks. */
export class Pointwise extends tfl.layers.Layer {
  static readonly className = 'Pointwise';
  readonly args: Args;

  constructor(args: Args) {
    super(args);
    this.args = args;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => FUNCTIONS[this.args.function as OwnFunction]([inputs].flat()[0]!));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), function: this.args.function };
  }
}
