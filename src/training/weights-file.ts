import { createHash } from 'node:crypto';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';

/** All weights of a model as little-endian floats, one after the other, in the order of `model.getWeights()`. */
export function weightsToBytes(model: LayersModel): Uint8Array {
  const parts = model.getWeights().map((weight) => weight.dataSync() as Float32Array);
  const floats = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    floats.set(part, at);
    at += part.length;
  }
  return new Uint8Array(floats.buffer);
}

/** Sets the model's weights to those of `weightsToBytes`. Throws GateError where the length does not fit the model. */
export function setWeightsFromBytes(model: LayersModel, bytes: Uint8Array, file: string): void {
  const expected = 4 * model.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
  if (bytes.length !== expected) {
    throw new GateError(
      `${file}: expected ${expected} bytes of weights for this network, found ${bytes.length}. The network has changed or the file is damaged: train it anew.`,
    );
  }
  // A copy: small files come as a view into Node's buffer pool, and Buffer's own slice() does not copy.
  const floats = new Float32Array(Uint8Array.from(bytes).buffer);
  setWeights(
    model,
    model.weights.map((weight, i) => {
      const from = model.weights.slice(0, i).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      return floats.subarray(from, from + sizeOf(weight.shape));
    }),
  );
}

/** Sets the model's weights to `values`, in the order of `model.getWeights()`. */
export function setWeights(model: LayersModel, values: readonly Float32Array[]): void {
  tidy(() =>
    model.setWeights(model.weights.map((weight, i) => tensor(values[i]!, weight.shape as number[]))),
  );
}

export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sizeOf(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, size) => product * (size ?? 1), 1);
}
