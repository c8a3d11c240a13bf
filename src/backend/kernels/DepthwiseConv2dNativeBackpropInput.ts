import {
  DepthwiseConv2dNativeBackpropInput,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { elements, type KernelArguments } from './compose.ts';
import { depthwiseInfo, forEachProduct } from './depthwise.ts';

type Arguments = KernelArguments<
  { dy: TensorInfo; filter: TensorInfo },
  DepthwiseConv2dNativeBackpropInputAttrs
>;

/** Gradient of a depthwise convolution with respect to its input [batch, height, width, channels]. */
function depthwiseBackpropInput({ inputs, backend, attrs }: Arguments): TensorInfo {
  const info = depthwiseInfo(attrs.inputShape, inputs.filter.shape, attrs);
  const out = backend.makeOutput(attrs.inputShape, 'float32');
  const filters = elements(backend, inputs.filter);
  const dy = elements(backend, inputs.dy);
  const gradient = elements(backend, out).fill(0);
  forEachProduct(info, (input, output, filter) => {
    gradient[input]! += filters[filter]! * dy[output]!;
  });
  return out;
}

export const depthwiseConv2dNativeBackpropInputConfig: KernelConfig = {
  kernelName: DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc: depthwiseBackpropInput as unknown as KernelFunc,
};
