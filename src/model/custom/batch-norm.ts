import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

interface Args {
  readonly name: string;
  readonly momentum: number;
  readonly epsilon: number;
  readonly scale: boolean;
  readonly center: boolean;
}
type Variable = ReturnType<tfl.layers.Layer['addWeight']>;

/** Batch norm without gamma, beta or both, which that of tfjs cannot train: it reads them in training even where it has none. */
export class PartialBatchNormalization extends tfl.layers.Layer {
  static readonly className = 'PartialBatchNormalization';
  readonly args: Args;
  private gamma: Variable | undefined;
  private beta: Variable | undefined;
  private movingMean: Variable | undefined;
  private movingVariance: Variable | undefined;

  constructor(args: Args) {
    super(args);
    this.args = args;
  }

  override build(inputShape: tfl.Shape): void {
    const shape = inputShape.slice(-1);
    const add = (name: string, first: 'ones' | 'zeros', trainable: boolean) =>
      this.addWeight(name, shape, 'float32', tfl.initializers[first](), undefined, trainable);
    if (this.args.scale) this.gamma = add('gamma', 'ones', true);
    if (this.args.center) this.beta = add('beta', 'zeros', true);
    this.movingMean = add('moving_mean', 'zeros', false);
    this.movingVariance = add('moving_variance', 'ones', false);
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { readonly training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor];
      const { mean, variance } = kwargs.training === true ? this.measured(x) : this.remembered();
      const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, this.args.epsilon)));
      const scaled = this.gamma ? tf.mul(normal, this.gamma.read()) : normal;
      return this.beta ? tf.add(scaled, this.beta.read()) : scaled;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { momentum, epsilon, scale, center } = this.args;
    return { ...super.getConfig(), axis: -1, momentum, epsilon, scale, center };
  }

  private remembered() {
    return { mean: this.movingMean!.read(), variance: this.movingVariance!.read() };
  }

  private measured(x: tf.Tensor) {
    const { mean, variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
    this.follow(this.movingMean!, mean);
    this.follow(this.movingVariance!, variance);
    return { mean, variance };
  }

  private follow(moving: Variable, value: tf.Tensor): void {
    const old = moving.read();
    moving.write(tf.sub(old, tf.mul(tf.sub(old, value), 1 - this.args.momentum)));
  }
}
