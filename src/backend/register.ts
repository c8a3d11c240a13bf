import {
  Conv2D,
  findBackend,
  getKernel,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { GateError } from '../errors.ts';
import { avgPoolGrad } from './kernels/AvgPoolGrad.ts';
import { conv2DBackpropFilterConfig } from './kernels/Conv2DBackpropFilter.ts';
import { conv2DBackpropInputConfig } from './kernels/Conv2DBackpropInput.ts';
import { depthwiseConv2dNativeBackpropFilterConfig } from './kernels/DepthwiseConv2dNativeBackpropFilter.ts';
import { depthwiseConv2dNativeBackpropInputConfig } from './kernels/DepthwiseConv2dNativeBackpropInput.ts';
import { maxPoolGradConfig } from './kernels/MaxPoolGrad.ts';
import { naiveConv2DBackpropFilterConfig } from './kernels/naive.ts';
import { forCpu, forWasm } from './kernels/plain.ts';
import { resizeNearestNeighborGrad } from './kernels/ResizeNearestNeighborGrad.ts';
import { samePaddingConfigs } from './kernels/same-padding.ts';
import { unsortedSegmentSumConfig } from './kernels/UnsortedSegmentSum.ts';

/**
 * Kernels of training that the WASM backend lacks or gets wrong, sorted by name. Not among them, as no image
 * classifier needs them: Einsum (missing), the gradients of Conv3D and MaxPool3D (wrong), and leaky ReLU fused into a convolution, which tf.layers never does.
 */
const trainingKernels: readonly KernelConfig[] = [
  forWasm(avgPoolGrad),
  conv2DBackpropFilterConfig,
  conv2DBackpropInputConfig,
  depthwiseConv2dNativeBackpropFilterConfig,
  depthwiseConv2dNativeBackpropInputConfig,
  maxPoolGradConfig,
  forWasm(resizeNearestNeighborGrad),
  unsortedSegmentSumConfig,
];

/** What the WASM backend had before under each name; undefined where it had nothing. */
const stock = new Map<string, KernelConfig | undefined>();

/** Makes the selected WASM backend able to train. Calling it again changes nothing. Throws GateError before `setBackend('wasm')`. */
export function registerTrainingKernels(): void {
  replace(trainingKernels);
  replaceConvolutions();
}

/** Gradients that the cpu backend gets wrong. */
export function registerCpuKernels(): void {
  for (const config of [forCpu(avgPoolGrad), forCpu(resizeNearestNeighborGrad)]) {
    unregisterKernel(config.kernelName, 'cpu');
    registerKernel(config);
  }
}

/** As `registerTrainingKernels`, but with the convolution gradients of a first work-around: nine slices, stock input gradient. */
export function registerNaive(): void {
  restoreStockKernels();
  const replaced = [conv2DBackpropFilterConfig, conv2DBackpropInputConfig];
  replace([
    ...trainingKernels.filter((kernel) => !replaced.includes(kernel)),
    naiveConv2DBackpropFilterConfig,
  ]);
}

/** Takes every kernel of this project back out of the WASM backend. */
export function restoreStockKernels(): void {
  for (const [name, config] of stock) swap(name, config);
  stock.clear();
}

function replace(kernels: readonly KernelConfig[]): void {
  // A stock kernel is only whole once the backend has called its set-up, so it must not be replaced earlier.
  if (!findBackend('wasm')) {
    throw new GateError(
      "The training kernels need the WASM backend: select it with tf.setBackend('wasm') first.",
    );
  }
  for (const kernel of kernels) {
    const name = kernel.kernelName;
    if (!stock.has(name)) stock.set(name, getKernel(name, 'wasm') as KernelConfig | undefined);
    swap(name, kernel);
  }
}

/** Wrapped once: a wrapper of a wrapper would do no harm, but hide the stock kernel. */
function replaceConvolutions(): void {
  if (stock.has(Conv2D)) return;
  for (const config of samePaddingConfigs()) {
    stock.set(config.kernelName, getKernel(config.kernelName, 'wasm') as KernelConfig);
    swap(config.kernelName, config);
  }
}

function swap(name: string, config: KernelConfig | undefined): void {
  if (getKernel(name, 'wasm') as KernelConfig | undefined) unregisterKernel(name, 'wasm');
  if (config) registerKernel(config);
}
