import { AvgPoolGrad, type AvgPoolGradAttrs, backend_util } from '@tensorflow/tfjs-core';
import type { PlainKernel } from './plain.ts';

/**
 * Gradient of average pooling. The stock kernels of WASM and cpu divide by the whole window at the border of padding 'same'
 * too, where the forward kernels average only the pixels that exist.
 */
export const avgPoolGrad: PlainKernel<AvgPoolGradAttrs> = {
  name: AvgPoolGrad,
  inputs: ['dy', 'input'],
  outputShape: ([, input]) => input!.shape,
  compute([gradient], dx, [, input], attrs) {
    const info = backend_util.computePool2DInfo(
      input!.shape as [number, number, number, number],
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
    );
    const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
    for (let b = 0; b < info.batchSize; b++) {
      for (let outY = 0; outY < outHeight; outY++) {
        const corner = outY * info.strideHeight - info.padInfo.top;
        const top = Math.max(corner, 0);
        const bottom = Math.min(corner + info.filterHeight, inHeight);
        for (let outX = 0; outX < outWidth; outX++) {
          const edge = outX * info.strideWidth - info.padInfo.left;
          const left = Math.max(edge, 0);
          const right = Math.min(edge + info.filterWidth, inWidth);
          const share = 1 / ((bottom - top) * (right - left));
          const output = ((b * outHeight + outY) * outWidth + outX) * channels;
          for (let y = top; y < bottom; y++) {
            for (let column = left; column < right; column++) {
              const pixel = ((b * inHeight + y) * inWidth + column) * channels;
              for (let c = 0; c < channels; c++) dx[pixel + c]! += gradient![output + c]! * share;
            }
          }
        }
      }
    }
  },
};
