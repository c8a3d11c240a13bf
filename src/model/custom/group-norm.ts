import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

interface Args {
  readonly name: string;
  readonly groups: number;
  readonly epsilon: number;
  readonly affine: boolean;
}

/** Group norm over [batch, ..., channels]: of each image, all positions and the channels of a group together. */
export class GroupNormalization extends tfl.layers.Layer {
  static readonly className = 'GroupNormalization';
  readonly args: Args;
  private gamma: ReturnType<tfl.layers.Layer['addWeight']> | undefined;
  private beta: ReturnType<tfl.layers.Layer['addWeight']> | undefined;

  constructor(args: Args) {
    super(args);
    this.args = args;
  }

  override build(inputShape: tfl.Shape): void {
    if (this.args.affine) {
      const shape = inputShape.slice(-1);
      this.gamma = this.addWeight('gamma', shape, 'float32', tfl.initializers.ones());
      this.beta = this.addWeight('beta', shape, 'float32', tfl.initializers.zeros());
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor];
      const { groups, epsilon } = this.args;
      const channels = x.shape.at(-1)!;
      const grouped = tf.reshape(x, [x.shape[0]!, -1, groups, channels / groups]);
      const { mean, variance } = tf.moments(grouped, [1, 3], true);
      const normal = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, epsilon)));
      const result = tf.reshape(normal, x.shape);
      return this.gamma && this.beta ? tf.add(tf.mul(result, this.gamma.read()), this.beta.read()) : result;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { groups, epsilon, affine } = this.args;
    return { ...super.getConfig(), groups, epsilon, affine };
  }
}
