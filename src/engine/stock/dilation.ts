import * as tf from '@tensorflow/tfjs-core';
import { variableOf } from '../../backend/tensorflow/layers.ts';
import type { StockLayer } from '../../ops/op.ts';

type Config = Readonly<Record<string, unknown>>;

export function isDilated(config: Config): boolean {
  return [config['dilationRate']].flat().some((rate) => rate !== undefined && rate !== null && rate !== 1);
}

/**
 * A convolution with dilation, of which tfjs has no gradient, and which it refuses altogether beside a stride, as one without:
 * the kernel with zeros between its taps. Undefined for a layer that needs no such help.
 */
export function dilatedConvolution(
  layer: StockLayer,
  x: tf.Tensor,
  training: boolean,
): tf.Tensor | undefined {
  // A depthwise layer of tfjs computes as if it had none.
  if (layer.getClassName() !== 'Conv2D') return undefined;
  const config = layer.getConfig();
  const strides = pairOf(config['strides']);
  const isStrided = strides.some((stride) => stride !== 1);
  if (!isDilated(config) || (!training && !isStrided)) return undefined;
  const [kernel, bias] = layer.weights.map(variableOf);
  const spread = spreadOut(kernel as tf.Tensor as tf.Tensor4D, pairOf(config['dilationRate']));
  const sums = tf.conv2d(x as tf.Tensor4D, spread, strides, config['padding'] as 'valid' | 'same');
  const biased = bias === undefined ? sums : tf.add(sums, bias);
  const activation = Reflect.get(layer, 'activation') as { apply(x: tf.Tensor): tf.Tensor } | null;
  return activation === null ? biased : activation.apply(biased);
}

/** [height, width, ...] with `rate` - 1 rows and columns of zeros between the taps, by a product with ones and zeros. */
function spreadOut(kernel: tf.Tensor4D, [rows, columns]: readonly [number, number]): tf.Tensor4D {
  const [height, width, channels, filters] = kernel.shape;
  const [outHeight, outWidth] = [(height - 1) * rows + 1, (width - 1) * columns + 1];
  const places = new Float32Array(outHeight * outWidth * height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      places[(y * rows * outWidth + x * columns) * height * width + y * width + x] = 1;
    }
  }
  const taps = tf.reshape(kernel, [height * width, channels * filters]) as tf.Tensor2D;
  const spread = tf.matMul(tf.tensor2d(places, [outHeight * outWidth, height * width]), taps);
  return tf.reshape(spread, [outHeight, outWidth, channels, filters]) as tf.Tensor4D;
}

function pairOf(value: unknown): [number, number] {
  const [rows = 1, columns = rows] = [value].flat() as number[];
  return [rows, columns];
}
