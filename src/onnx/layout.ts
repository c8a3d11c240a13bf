import type { Shape } from '../ops/op.ts';

/** Values of an array in another order of its axes: `order` names for each new axis the old one. */
export function transposed(
  values: Float32Array,
  dims: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => dims[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const turned = new Float32Array(values.length);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < turned.length; to++) {
    turned[to] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += steps[axis]!;
      if (index[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return turned;
}

/**
 * A convolution's kernel of PyTorch and ONNX [filters, channels / groups, height, width] as this project has it: [height, width,
 * channels / groups, filters]; where every channel is a group of its own, [height, width, channels, filters / channels].
 */
export function kernelToOurs(values: Float32Array, dims: readonly number[], groups: number): Float32Array {
  const [filters, , height, width] = dims as readonly [number, number, number, number];
  return isDepthwise(dims, groups)
    ? transposed(values, [groups, filters / groups, height, width], [2, 3, 0, 1])
    : transposed(values, dims, [2, 3, 1, 0]);
}

/** The other way: `dims` are the kernel's in this project. */
export function kernelFromOurs(values: Float32Array, dims: Shape, isDepth: boolean): Float32Array {
  return isDepth ? transposed(values, dims, [2, 3, 0, 1]) : transposed(values, dims, [3, 2, 0, 1]);
}

/** Whether a kernel [filters, channels / groups, height, width] is one that this project stores a channel at a time. */
function isDepthwise(dims: readonly number[], groups: number): boolean {
  return groups > 1 && dims[1] === 1;
}

/** [channels, height, width] as [height, width, channels]. */
export function mapToLast(values: Float32Array, dims: readonly number[]): Float32Array {
  return transposed(values, dims, [1, 2, 0]);
}

/** [height, width, channels] as [channels, height, width]. */
export function mapToFirst(values: Float32Array, dims: readonly number[]): Float32Array {
  return transposed(values, dims, [2, 0, 1]);
}
