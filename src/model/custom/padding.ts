import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Sides } from '../../ops/op.ts';

interface Args {
  readonly name: string;
  readonly sides: Sides;
  readonly fill: 'replicate' | 'reflect' | 'lowest';
}

/** Rows and columns around a map [batch, height, width, channels]: the border's own, mirrored ones, or the lowest number there is. */
export class Padding2D extends tfl.layers.Layer {
  static readonly className = 'Padding2D';
  readonly args: Args;

  constructor(args: Args) {
    super(args);
    this.args = args;
  }

  override computeOutputShape([batch, height, width, channels]: (number | null)[]): tfl.Shape {
    const [rows, columns] = this.args.sides;
    const grown = (size: number | null | undefined, [before, after]: readonly [number, number]) =>
      size === null || size === undefined ? null : size + before + after;
    return [batch!, grown(height, rows), grown(width, columns), channels!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor4D];
      const { sides, fill } = this.args;
      if (fill !== 'lowest') return extend(extend(x, 1, sides[0], fill), 2, sides[1], fill);
      const [rows, columns] = sides.map((side) => [...side] as [number, number]);
      return tf.pad(x, [[0, 0], rows!, columns!, [0, 0]], -Infinity);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { sides, fill } = this.args;
    return { ...super.getConfig(), sides: sides.map((side) => [...side]), fill };
  }
}

/** By slices, not tf.mirrorPad or tf.gather: those have no gradient, or one that some backends lack. */
function extend(
  x: tf.Tensor4D,
  axis: 1 | 2,
  [before, after]: readonly [number, number],
  fill: 'replicate' | 'reflect',
): tf.Tensor4D {
  const size = x.shape[axis];
  const line = (at: number) => {
    const begin = [0, 0, 0, 0];
    const length = [-1, -1, -1, -1];
    begin[axis] = at;
    length[axis] = 1;
    return tf.slice(x, begin, length);
  };
  const mirror = fill === 'reflect' ? 1 : 0;
  const first = Array.from({ length: before }, (_, i) => line(mirror * (before - i)));
  const last = Array.from({ length: after }, (_, i) => line(size - 1 - mirror * (i + 1)));
  return tf.concat([...first, x, ...last], axis) as tf.Tensor4D;
}
