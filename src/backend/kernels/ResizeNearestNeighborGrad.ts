import { ResizeNearestNeighborGrad } from '@tensorflow/tfjs-core';
import type { PlainKernel } from './plain.ts';

interface Attributes {
  readonly alignCorners?: boolean;
  readonly halfPixelCenters?: boolean;
}

/**
 * Gradient of nearest-neighbour resizing (and of up-sampling): each dy goes to the pixel that its output was copied from. The
 * stock kernels of WASM and cpu search for the outputs of a pixel, and miss or double some where sizes do not divide.
 */
export const resizeNearestNeighborGrad: PlainKernel<Attributes> = {
  name: ResizeNearestNeighborGrad,
  inputs: ['images', 'dy'],
  outputShape: ([images]) => images!.shape,
  compute([, gradient], dx, [images, dy], attributes) {
    const [batch, height, width, channels] = images!.shape as [number, number, number, number];
    const [, outHeight, outWidth] = dy!.shape as [number, number, number, number];
    const rows = sources(height, outHeight, attributes);
    const columns = sources(width, outWidth, attributes);
    let output = 0;
    for (let b = 0; b < batch; b++) {
      for (const row of rows) {
        for (const column of columns) {
          const pixel = ((b * height + row) * width + column) * channels;
          for (let c = 0; c < channels; c++) dx[pixel + c]! += gradient![output++]!;
        }
      }
    }
  },
};

/** Which of `size` rows each of `outSize` is a copy of, as the forward kernels have it. */
function sources(size: number, outSize: number, { alignCorners, halfPixelCenters }: Attributes): number[] {
  const isAligned = alignCorners === true && outSize > 1;
  const scale = isAligned ? (size - 1) / (outSize - 1) : size / outSize;
  return Array.from({ length: outSize }, (_, i) => {
    const source = scale * (halfPixelCenters ? i + 0.5 : i);
    const nearest = alignCorners ? Math.round(source) : Math.floor(source);
    return Math.max(0, Math.min(size - 1, nearest));
  });
}
