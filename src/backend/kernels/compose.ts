import { getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** Arguments of a kernel of the WASM backend. */
export interface KernelArguments<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly backend: BackendWasm;
  readonly attrs: Attributes;
}

/**
 * Runs another kernel of the WASM backend on tensors that the engine does not see (no tape, no tensor count).
 * The caller gives the result back with `release`, unless it is what it returns.
 */
export function runKernel(
  backend: BackendWasm,
  name: string,
  inputs: Readonly<Record<string, TensorInfo>> | readonly TensorInfo[],
  attributes: object,
): TensorInfo {
  const { kernelFunc } = getKernel(name, 'wasm');
  return kernelFunc({ inputs, backend, attrs: attributes } as Parameters<typeof kernelFunc>[0]) as TensorInfo;
}

/** Gives intermediate results back to the backend. */
export function release(backend: BackendWasm, ...tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

/** The same data under another shape; it is not a second tensor, so never release it. */
export function reshaped(tensor: TensorInfo, shape: number[]): TensorInfo {
  return { dataId: tensor.dataId, dtype: tensor.dtype, shape };
}

/**
 * The elements of a tensor, in place on the WASM heap. Any allocation may move the heap: make all outputs first,
 * then take the views.
 */
export function elements(backend: BackendWasm, tensor: TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}
