import {
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
  UnsortedSegmentSum,
  type UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { elements, type KernelArguments } from './compose.ts';

type Arguments = KernelArguments<{ x: TensorInfo; segmentIds: TensorInfo }, UnsortedSegmentSumAttrs>;

/**
 * Sums the slices of x [ids, ...] that have the same segment id [ids] into [numSegments, ...]; ids out of range are
 * dropped. It is the gradient of a gather, and so of an embedding.
 */
function unsortedSegmentSum({ inputs, backend, attrs }: Arguments): TensorInfo {
  const { x, segmentIds } = inputs;
  const rank = segmentIds.shape.length;
  const inner = x.shape.slice(rank).reduce((product, size) => product * size, 1);
  const out = backend.makeOutput([attrs.numSegments, ...x.shape.slice(rank)], x.dtype);
  const ids = backend.typedArrayFromHeap(segmentIds);
  const from = elements(backend, x);
  const sums = elements(backend, out).fill(0);
  for (let i = 0; i < ids.length; i++) {
    const segment = ids[i]!;
    if (segment < 0 || segment >= attrs.numSegments) continue;
    for (let j = 0; j < inner; j++) sums[segment * inner + j]! += from[i * inner + j]!;
  }
  return out;
}

export const unsortedSegmentSumConfig: KernelConfig = {
  kernelName: UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: unsortedSegmentSum as unknown as KernelFunc,
};
