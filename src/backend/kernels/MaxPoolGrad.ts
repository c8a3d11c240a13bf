import {
  backend_util,
  type KernelConfig,
  type KernelFunc,
  MaxPoolGrad,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { elements, type KernelArguments } from './compose.ts';

type Arguments = KernelArguments<{ dy: TensorInfo; input: TensorInfo; output: TensorInfo }, MaxPoolGradAttrs>;

/**
 * Gradient of max pooling: each dy goes to the first maximum of its window, as on the cpu backend. The stock WASM
 * kernel starts its search at 0 and so loses the gradient of every window without a positive value.
 */
function maxPoolGrad({ inputs, backend, attrs }: Arguments): TensorInfo {
  const { dy, input } = inputs;
  const info = backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
  const out = backend.makeOutput(input.shape, 'float32');
  const x = elements(backend, input);
  const gradient = elements(backend, dy);
  const dx = elements(backend, out).fill(0);
  let output = 0;
  for (let b = 0; b < info.batchSize; b++) {
    for (let outY = 0; outY < outHeight; outY++) {
      const corner = outY * info.strideHeight - info.padInfo.top;
      const top = Math.max(corner, 0);
      const bottom = Math.min(corner + info.filterHeight, inHeight);
      for (let outX = 0; outX < outWidth; outX++) {
        const edge = outX * info.strideWidth - info.padInfo.left;
        const left = Math.max(edge, 0);
        const right = Math.min(edge + info.filterWidth, inWidth);
        for (let c = 0; c < channels; c++, output++) {
          let maximum = -Infinity;
          let position = -1;
          for (let y = top; y < bottom; y++) {
            for (let column = left; column < right; column++) {
              const candidate = ((b * inHeight + y) * inWidth + column) * channels + c;
              if (x[candidate]! > maximum) {
                maximum = x[candidate]!;
                position = candidate;
              }
            }
          }
          if (position >= 0) dx[position]! += gradient[output]!;
        }
      }
    }
  }
  return out;
}

export const maxPoolGradConfig: KernelConfig = {
  kernelName: MaxPoolGrad,
  backendName: 'wasm',
  kernelFunc: maxPoolGrad as unknown as KernelFunc,
};
