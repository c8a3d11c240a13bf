/** Convolutions as loops over their definition, in double precision: what kernels are held against. */

export type Pair = readonly [number, number];

export interface Windowed {
  readonly images: number;
  readonly size: Pair;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros before the first row and column, and after the last. */
  readonly before: Pair;
  readonly after: Pair;
}

export function outputSizeOf({ size, kernel, stride, dilation, before, after }: Windowed): Pair {
  const along = (axis: 0 | 1) =>
    Math.floor(
      (size[axis] + before[axis] + after[axis] - (kernel[axis] - 1) * dilation[axis] - 1) / stride[axis],
    ) + 1;
  return [along(0), along(1)];
}

/** Visits every product of the convolution: indices into output [n][y][x][o], input [n][y][x][i] and weights [ky][kx][i / groups][o]. */
export function eachProduct(
  w: Windowed,
  visit: (output: number, input: number, weight: number) => void,
): void {
  const [outHeight, outWidth] = outputSizeOf(w);
  const inputs = w.channels / w.groups;
  const outputs = w.filters / w.groups;
  for (const [n, y, x, ky, kx] of counts([w.images, outHeight, outWidth, ...w.kernel])) {
    const row = y! * w.stride[0] - w.before[0] + ky! * w.dilation[0];
    const column = x! * w.stride[1] - w.before[1] + kx! * w.dilation[1];
    if (row < 0 || row >= w.size[0] || column < 0 || column >= w.size[1]) continue;
    const to = ((n! * outHeight + y!) * outWidth + x!) * w.filters;
    const from = ((n! * w.size[0] + row) * w.size[1] + column) * w.channels;
    const by = (ky! * w.kernel[1] + kx!) * inputs * w.filters;
    for (let o = 0; o < w.filters; o++) {
      const first = Math.floor(o / outputs) * inputs;
      for (let i = 0; i < inputs; i++) visit(to + o, from + first + i, by + i * w.filters + o);
    }
  }
}

/** All index tuples below `sizes`, the last index fastest. */
export function* counts(sizes: readonly number[]): Generator<readonly number[]> {
  const at = sizes.map(() => 0);
  if (sizes.some((size) => size <= 0)) return;
  for (;;) {
    yield at;
    let axis = sizes.length - 1;
    while (axis >= 0 && ++at[axis]! === sizes[axis]) at[axis--] = 0;
    if (axis < 0) return;
  }
}
