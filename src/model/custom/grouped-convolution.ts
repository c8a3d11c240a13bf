import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { outputSize, paddingOf } from '../../ops/window.ts';

interface Args {
  readonly name: string;
  readonly filters: number;
  readonly groups: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilationRate: readonly [number, number];
  readonly padding: 'valid' | 'same';
  readonly useBias: boolean;
}

/**
 * A convolution whose channels and filters fall into groups, each by itself: kernel [height, width, channels / groups, filters], or
 * [height, width, channels, filters / channels] where it is depthwise. With dilation it has zeros between its taps: tfjs has no
 * gradient of a dilated convolution, none at all with a stride, and its depthwise layer leaves the dilation out.
 */
export class GroupedConvolution2D extends tfl.layers.Layer {
  static readonly className = 'GroupedConvolution2D';
  readonly args: Args;
  private kernel: ReturnType<tfl.layers.Layer['addWeight']> | undefined;
  private bias: ReturnType<tfl.layers.Layer['addWeight']> | undefined;

  constructor(args: Args) {
    super(args);
    this.args = args;
  }

  override build(inputShape: tfl.Shape): void {
    const { filters, groups, kernelSize, useBias } = this.args;
    const channels = inputShape[3]!;
    const isDepthwise = groups > 1 && groups === channels;
    const shape = [
      ...kernelSize,
      ...(isDepthwise ? [channels, filters / channels] : [channels / groups, filters]),
    ];
    this.kernel = this.addWeight('kernel', shape, 'float32', tfl.initializers.zeros());
    if (useBias) this.bias = this.addWeight('bias', [filters], 'float32', tfl.initializers.zeros());
    this.built = true;
  }

  override computeOutputShape([batch, height, width]: (number | null)[]): tfl.Shape {
    const { filters, kernelSize, strides, dilationRate, padding } = this.args;
    const along = (axis: 0 | 1, size: number | null | undefined) => {
      if (size === null || size === undefined) return null;
      const window = { kernel: kernelSize[axis], stride: strides[axis], dilation: dilationRate[axis] };
      return outputSize(size, { ...window, padding: paddingOf(padding, size, window) });
    };
    return [batch!, along(0, height), along(1, width), filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor4D];
      const { filters, groups, kernelSize, strides, dilationRate, padding } = this.args;
      const kernel = tf.reshape(this.kernel!.read(), [...kernelSize, -1, filters]) as tf.Tensor4D;
      const kernels = inGroups(spread(kernel, dilationRate), groups);
      const maps = inGroups(x, groups);
      const parts = maps.map((map, i) => tf.conv2d(map, kernels[i]!, [...strides], padding));
      const result = tf.concat(parts, 3);
      return this.bias ? tf.add(result, this.bias.read()) : result;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { filters, groups, kernelSize, strides, dilationRate, padding, useBias } = this.args;
    return {
      ...super.getConfig(),
      filters,
      groups,
      kernelSize: [...kernelSize],
      strides: [...strides],
      dilationRate: [...dilationRate],
      padding,
      useBias,
    };
  }
}

/** The gradient of tf.split fails where there is one part. */
function inGroups(x: tf.Tensor4D, groups: number): tf.Tensor4D[] {
  return groups === 1 ? [x] : (tf.split(x, groups, 3) as tf.Tensor4D[]);
}

/** Zeros between the rows and columns of a kernel. */
function spread(kernel: tf.Tensor4D, [rows, columns]: readonly [number, number]): tf.Tensor4D {
  const [height, width, channels, filters] = kernel.shape;
  const [tall, wide] = [(height - 1) * rows + 1, (width - 1) * columns + 1];
  if (tall === height && wide === width) return kernel;
  const apart = tf.pad(tf.reshape(kernel, [height, 1, -1]), [
    [0, 0],
    [0, rows - 1],
    [0, 0],
  ]);
  const cut = tf.slice(
    tf.reshape(apart, [height * rows, width, 1, channels * filters]),
    0,
    tall,
  ) as tf.Tensor4D;
  const both = tf.pad(cut, [
    [0, 0],
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ]);
  return tf.slice(
    tf.reshape(both, [tall, width * columns, channels, filters]),
    [0, 0, 0, 0],
    [tall, wide, channels, filters],
  ) as tf.Tensor4D;
}
