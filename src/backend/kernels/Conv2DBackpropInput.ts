import {
  backend_util,
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type KernelArguments, release, runKernel } from './compose.ts';
import { respace, type Spacing, spacedSize } from './space.ts';

type Arguments = KernelArguments<{ dy: TensorInfo; filter: TensorInfo }, Conv2DBackpropInputAttrs>;

/**
 * Gradient of a convolution with respect to its input, out of dy [batch, height, width, out] and the filter
 * [height, width, in, out]: the convolution of dy, with `stride - 1` zeros between its pixels, with the filter turned
 * by 180 degrees and its channels swapped. It costs as much as the forward convolution, a tenth of the stock kernel.
 */
function conv2DBackpropInput({ inputs, backend, attrs }: Arguments): TensorInfo {
  const { dy, filter } = inputs;
  const info = backend_util.computeConv2DInfo(
    attrs.inputShape,
    filter.shape as [number, number, number, number],
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
  const rows = spacing(info.outHeight, info.inHeight, info.filterHeight, info.padInfo.top, info.strideHeight);
  const columns = spacing(info.outWidth, info.inWidth, info.filterWidth, info.padInfo.left, info.strideWidth);
  const plain = [rows, columns].every(({ before, after, step }) => step === 1 && before >= 0 && after >= 0);
  const spaced = plain ? dy : respace(backend, dy, rows, columns);
  const pad = plain
    ? [
        [0, 0],
        [rows.before, rows.after],
        [columns.before, columns.after],
        [0, 0],
      ]
    : 'valid';

  const swapped = runKernel(backend, 'Transpose', { x: filter }, { perm: [0, 1, 3, 2] });
  const turned = runKernel(backend, 'Reverse', { x: swapped }, { dims: [0, 1] });
  const out = runKernel(
    backend,
    'Conv2D',
    { x: spaced, filter: turned },
    { strides: [1, 1], dilations: [1, 1], pad, dataFormat: 'NHWC' },
  );
  release(backend, swapped, turned);
  if (!plain) release(backend, spaced);
  return out;
}

/** How dy must lie so that a convolution of stride 1 without padding gives `inputs` values. */
function spacing(outputs: number, inputs: number, kernel: number, padding: number, step: number): Spacing {
  const before = kernel - 1 - padding;
  return { before, after: inputs + kernel - 1 - spacedSize(outputs, { before, after: 0, step }), step };
}

export const conv2DBackpropInputConfig: KernelConfig = {
  kernelName: Conv2DBackpropInput,
  backendName: 'wasm',
  kernelFunc: conv2DBackpropInput as unknown as KernelFunc,
};
