import { addressOf, FLOAT_BYTES } from './buffers.ts';
import type { Buffer, Later, WeightPlaces } from './emit.ts';
import type { Call, Unit } from './recorder.ts';

/** The gradients of weights that several units use. */
export interface WeightUses {
  /** A weight with the place for the gradient by this use of it alone. */
  placesOf(unit: number, weight: WeightPlaces): WeightPlaces;
  /** Add the uses up, in the order of the units; to run when all of them are there. */
  readonly addUp: readonly Call[];
}

/** Finds which units of a step share weights: those whose gradients belong at the same place. */
export function weightUsesOf(units: readonly Unit[]): WeightUses {
  const users = new Map<string, number[]>();
  units.forEach((unit, index) => {
    for (const { gradient } of Object.values(unit.weights)) {
      if (gradient === undefined) continue;
      const key = keyOf(gradient);
      users.set(key, [...(users.get(key) ?? []), index]);
    }
  });
  const addUp: Call[] = [];
  const buffers = new Map<string, Buffer>();
  for (const { weights } of units) {
    for (const { gradient, floats } of Object.values(weights)) {
      if (gradient === undefined) continue;
      const key = keyOf(gradient);
      const uses = users.get(key)!.length;
      if (uses === 1 || buffers.has(key)) continue;
      const stride = strideOf(floats);
      const buffer: Buffer = { per: 'program', bytes: uses * stride };
      buffers.set(key, buffer);
      const sums = { sums: addressOf(buffer), sumsStride: stride, shards: uses };
      addUp.push({ kernel: 'foldSums', fields: { ...sums, count: floats, gradient } });
    }
  }
  return {
    addUp,
    placesOf(unit, weight) {
      const buffer = weight.gradient && buffers.get(keyOf(weight.gradient));
      if (buffer === undefined) return weight;
      const use = users.get(keyOf(weight.gradient!))!.indexOf(unit);
      const gradient: Later = { kind: 'address', buffer, offset: use * strideOf(weight.floats) };
      return { ...weight, gradient };
    },
  };
}

/** Bytes from one use to the next: whole vectors. */
function strideOf(floats: number): number {
  return Math.ceil(floats / 4) * 4 * FLOAT_BYTES;
}

/** All gradients lie in one array. */
function keyOf(gradient: Later): string {
  if (gradient.kind !== 'address') throw new Error('a gradient without a place');
  return String(gradient.offset);
}
