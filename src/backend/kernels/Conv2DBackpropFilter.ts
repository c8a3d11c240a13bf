import {
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type KernelArguments, release, runKernel } from './compose.ts';
import { respace, type Spacing, spacedSize } from './space.ts';

type Arguments = KernelArguments<{ x: TensorInfo; dy: TensorInfo }, Conv2DBackpropFilterAttrs>;

/**
 * Gradient of a convolution with respect to its filter [height, width, in, out], out of x [batch, height, width, in]
 * and dy [batch, height, width, out]. It is itself a convolution, of x with dy as the filter: channels in are the
 * batch, the batch is the channels, the stride is the dilation, and only `filter height x filter width` outputs are wanted.
 */
function conv2DBackpropFilter({ inputs, backend, attrs }: Arguments): TensorInfo {
  const { x, dy } = inputs;
  const info = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterShape,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
  const rows = spacing(
    info.inHeight,
    info.padInfo.top,
    reach(info.outHeight, info.strideHeight, info.filterHeight),
  );
  const columns = spacing(
    info.inWidth,
    info.padInfo.left,
    reach(info.outWidth, info.strideWidth, info.filterWidth),
  );
  // The last pixels of x take part in nothing where the stride leaves a rest; a convolution cannot pad by less than 0.
  const crops = rows.after < 0 || columns.after < 0;
  const used = crops ? respace(backend, x, rows, columns) : x;
  const pad = crops
    ? 'valid'
    : [
        [0, 0],
        [rows.before, rows.after],
        [columns.before, columns.after],
        [0, 0],
      ];

  const image = runKernel(backend, 'Transpose', { x: used }, { perm: [3, 1, 2, 0] });
  const filter = runKernel(backend, 'Transpose', { x: dy }, { perm: [1, 2, 0, 3] });
  const gradient = runKernel(
    backend,
    'Conv2D',
    { x: image, filter },
    { strides: [1, 1], dilations: [info.strideHeight, info.strideWidth], pad, dataFormat: 'NHWC' },
  );
  const out = runKernel(backend, 'Transpose', { x: gradient }, { perm: [1, 2, 0, 3] });
  release(backend, image, filter, gradient);
  if (crops) release(backend, used);
  return out;
}

/** Pixels that all windows together read, padding included. */
function reach(outputs: number, stride: number, kernel: number): number {
  return (outputs - 1) * stride + kernel;
}

function spacing(size: number, before: number, wanted: number): Spacing {
  return { before, after: wanted - spacedSize(size, { before, after: 0, step: 1 }), step: 1 };
}

export const conv2DBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: conv2DBackpropFilter as unknown as KernelFunc,
};
