import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** [batch, height, width, channels] to [batch, channels x height x width]: the order in which PyTorch flattens. */
export class ChannelsFirstFlatten extends tfl.layers.Layer {
  static readonly className = 'ChannelsFirstFlatten';

  override computeOutputShape([batch, ...sizes]: (number | null)[]): tfl.Shape {
    return [batch!, sizes.reduce<number>((product, size) => product * size!, 1)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor];
      const moved = x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x;
      return tf.reshape(moved, [x.shape[0]!, -1]);
    });
  }
}
