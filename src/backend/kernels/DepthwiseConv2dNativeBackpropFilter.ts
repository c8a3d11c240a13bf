import {
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { elements, type KernelArguments } from './compose.ts';
import { depthwiseInfo, forEachProduct } from './depthwise.ts';

type Arguments = KernelArguments<{ x: TensorInfo; dy: TensorInfo }, DepthwiseConv2dNativeBackpropFilterAttrs>;

/** Gradient of a depthwise convolution with respect to its filter [height, width, channels, multiplier]. */
function depthwiseBackpropFilter({ inputs, backend, attrs }: Arguments): TensorInfo {
  const info = depthwiseInfo(inputs.x.shape, attrs.filterShape, attrs);
  const out = backend.makeOutput(attrs.filterShape, 'float32');
  const x = elements(backend, inputs.x);
  const dy = elements(backend, inputs.dy);
  const gradient = elements(backend, out).fill(0);
  forEachProduct(info, (input, output, filter) => {
    gradient[filter]! += x[input]! * dy[output]!;
  });
  return out;
}

export const depthwiseConv2dNativeBackpropFilterConfig: KernelConfig = {
  kernelName: DepthwiseConv2dNativeBackpropFilter,
  backendName: 'wasm',
  kernelFunc: depthwiseBackpropFilter as unknown as KernelFunc,
};
