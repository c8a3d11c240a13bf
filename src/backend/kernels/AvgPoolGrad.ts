import {
  AvgPoolGrad,
  type AvgPoolGradAttrs,
  backend_util,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { elements, type KernelArguments } from './compose.ts';

type Arguments = KernelArguments<{ dy: TensorInfo; input: TensorInfo }, AvgPoolGradAttrs>;

/**
 * Gradient of average pooling. The stock kernel (and the cpu backend's) divides by the whole window at the border of
 * padding 'same' too, where the forward kernel averages only the pixels that exist.
 */
function avgPoolGrad({ inputs, backend, attrs }: Arguments): TensorInfo {
  const { dy, input } = inputs;
  const info = backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
  );
  const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
  const out = backend.makeOutput(input.shape, 'float32');
  const gradient = elements(backend, dy);
  const dx = elements(backend, out).fill(0);
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
            for (let c = 0; c < channels; c++) dx[pixel + c]! += gradient[output + c]! * share;
          }
        }
      }
    }
  }
  return out;
}

export const avgPoolGradConfig: KernelConfig = {
  kernelName: AvgPoolGrad,
  backendName: 'wasm',
  kernelFunc: avgPoolGrad as unknown as KernelFunc,
};
