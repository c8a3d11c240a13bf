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

/** A convolution whose channels and filters fall into groups, each by itself; kernel [height, width, channels / groups, filters]. */
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
    const shape = [...kernelSize, inputShape[3]! / groups, filters];
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
      const { groups, strides, dilationRate, padding } = this.args;
      const maps = tf.split(x, groups, 3) as tf.Tensor4D[];
      const kernels = tf.split(this.kernel!.read(), groups, 3) as tf.Tensor4D[];
      const parts = maps.map((map, i) =>
        tf.conv2d(map, kernels[i]!, [...strides], padding, 'NHWC', [...dilationRate]),
      );
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
