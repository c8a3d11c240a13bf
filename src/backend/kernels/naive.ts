import {
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type KernelArguments, release, reshaped, runKernel } from './compose.ts';

type Arguments = KernelArguments<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>;

/**
 * The filter gradient as it is usually worked around where the kernel is missing: a strided slice of the padded x and
 * one matrix product for every pixel of the filter. Here for the benchmark only.
 */
function slicedBackpropFilter({ inputs, backend, attrs }: Arguments): TensorInfo {
  const { x, dy } = inputs;
  const info = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterShape,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { batchSize: batch, outHeight, outWidth, inChannels, outChannels, padInfo } = info;
  const paddings = [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ];
  const padded = runKernel(backend, 'PadV2', { x }, { paddings, constantValue: 0 });
  const pixels = batch * outHeight * outWidth;
  const products: TensorInfo[] = [];
  for (let u = 0; u < info.filterHeight; u++) {
    for (let v = 0; v < info.filterWidth; v++) {
      const end = [
        batch,
        u + (outHeight - 1) * info.strideHeight + 1,
        v + (outWidth - 1) * info.strideWidth + 1,
        inChannels,
      ];
      const slice = runKernel(
        backend,
        'StridedSlice',
        { x: padded },
        {
          begin: [0, u, v, 0],
          end,
          strides: [1, info.strideHeight, info.strideWidth, 1],
          beginMask: 0,
          endMask: 0,
          ellipsisMask: 0,
          newAxisMask: 0,
          shrinkAxisMask: 0,
        },
      );
      const a = reshaped(slice, [1, pixels, inChannels]);
      const b = reshaped(dy, [1, pixels, outChannels]);
      products.push(runKernel(backend, 'BatchMatMul', { a, b }, { transposeA: true, transposeB: false }));
      release(backend, slice);
    }
  }
  const stacked = runKernel(backend, 'Concat', products, { axis: 0 });
  release(backend, padded, ...products);
  return reshaped(stacked, attrs.filterShape);
}

export const naiveConv2DBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: slicedBackpropFilter as unknown as KernelFunc,
};
