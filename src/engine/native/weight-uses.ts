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
  const uses = units.flatMap((unit, index) =>
    Object.values(unit.weights).flatMap(({ gradient, floats }) =>
      gradient === undefined ? [] : [{ unit: index, gradient, floats, key: keyOf(gradient) }],
    ),
  );
  const shared = new Map<number, { readonly users: readonly number[]; readonly buffer: Buffer }>();
  const addUp: Call[] = [];
  for (const { gradient, floats, key } of uses) {
    const users = uses.filter((use) => use.key === key).map(({ unit }) => unit);
    if (users.length === 1 || shared.has(key)) continue;
    const stride = strideOf(floats);
    const buffer: Buffer = { per: 'program', bytes: users.length * stride };
    shared.set(key, { users, buffer });
    const sums = { sums: addressOf(buffer), sumsStride: stride, shards: users.length };
    addUp.push({ kernel: 'foldSums', fields: { ...sums, count: floats, gradient } });
  }
  return {
    addUp,
    placesOf(unit, weight) {
      const several = weight.gradient && shared.get(keyOf(weight.gradient));
      if (several === undefined) return weight;
      const offset = several.users.indexOf(unit) * strideOf(weight.floats);
      return { ...weight, gradient: { kind: 'address', buffer: several.buffer, offset } };
    },
  };
}

/** Bytes from one use to the next: whole vectors. */
function strideOf(floats: number): number {
  return Math.ceil(floats / 4) * 4 * FLOAT_BYTES;
}

/** All gradients lie in one array, where the offset tells them apart. */
function keyOf(gradient: Later): number {
  if (gradient.kind !== 'address') throw new Error('a gradient without a place');
  return gradient.offset;
}
