import { dropoutKey } from '../../src/engine/draws.ts';
import { blockKernels, descriptors, type Kernels, onceKernels } from '../../src/engine/native/bindings.ts';
import {
  descriptorBytes,
  type DescribedKernel,
  writeDescriptor,
} from '../../src/engine/native/descriptor.ts';
import type { Buffer, Emit, Field, Lanes, Later, WeightPlaces } from '../../src/engine/native/emit.ts';
import { createMemory, FIRST_FREE_ADDRESS, loadKernels } from '../../src/engine/native/module.ts';
import { opOf, type Shape } from './op-layers.ts';
import { fromLanes, LANES, sizeOf, toLanes } from './native-lanes.ts';

/** Shards of the batch: two, so that a kernel that takes the wrong one is seen. */
const SHARDS = 2;
const THREADS = 2;
const MEMORY_BYTES = 16 << 20;
export const SEED = 3;
export const STEP = 5;

type Call = readonly [kernel: DescribedKernel, fields: Readonly<Record<string, Field>>];

/** One layer by itself: what `compile` says, laid out without any thrift and run kernel by kernel. */
export interface OpProgram {
  /** Output of the images of a batch, each input as NHWC. */
  forward(inputs: readonly Float32Array[], weights: readonly Float32Array[]): Float32Array;
  /** Whether its kernels add to the gradient of an input where they are told to; else the compiler does that for them. */
  readonly addsByItself: boolean;
  /** Gradients of the sum that `dy` weighs, by every input and every weight; after `forward`. */
  backward(
    dy: Float32Array,
    adds: boolean,
  ): { inputs: Float32Array[]; weights: (Float32Array | undefined)[] };
}

/** `layer` as its op's schema made it. */
export function opProgram(
  layer: { readonly type: string; readonly frozen?: boolean | undefined },
  shapes: readonly Shape[],
  images: number,
  training: boolean,
): OpProgram {
  const op = opOf(layer.type);
  const outShape = op.shape(layer, shapes) as Shape;
  const memory = createMemory(MEMORY_BYTES);
  const kernels = loadKernels(memory);
  const floats = new Float32Array(memory.buffer);
  const blocks = Math.ceil(images / LANES);
  let next = FIRST_FREE_ADDRESS;
  const places = new Map<Buffer, number>();
  const addressOf = (buffer: Buffer) => {
    const found = places.get(buffer);
    if (found !== undefined) return found;
    const at = next;
    places.set(buffer, at);
    next += (Math.ceil(buffer.bytes / 64) + 1) * 64 * (buffer.per === 'block' ? blocks : SHARDS);
    if (next > MEMORY_BYTES) throw new Error('raise MEMORY_BYTES');
    // Nothing may count on what was there.
    floats.fill(Number.NaN, at / 4, next / 4);
    return at;
  };
  const address = (per: Buffer['per'], bytes: number): Later => ({
    kind: 'address',
    buffer: { per, bytes },
    offset: 0,
  });
  const strided = (per: Buffer['per'], bytes: number) => {
    const buffer = { per, bytes };
    return {
      at: { kind: 'address', buffer, offset: 0 } as const,
      stride: { kind: 'stride', buffer } as const,
    };
  };
  const lanes = (shape: readonly number[]): Lanes => ({
    shape,
    ...strided('block', sizeOf(shape) * LANES * 4),
  });

  const inputs = shapes.map(lanes);
  const output = lanes(outShape);
  const outputGradient = lanes(outShape);
  const inputGradients = shapes.map(lanes);
  const described = op.weights?.(layer, shapes) ?? [];
  const weights = new Map(
    described.map(({ name, shape, trainable }): [string, WeightPlaces] => {
      const bytes = sizeOf(shape) * 4;
      const gradient = trainable && layer.frozen !== true ? { gradient: address('program', bytes) } : {};
      return [name, { shape, floats: sizeOf(shape), value: address('program', bytes), ...gradient }];
    }),
  );
  const sums = new Map<WeightPlaces, { readonly at: Later; readonly stride: Later }>();
  const calls = {
    prepare: [] as Call[],
    forward: [] as Call[],
    backward: [] as Call[],
    finish: [] as Call[],
  };
  const cleared: { readonly at: Later; readonly stride: Later }[] = [];
  const shards = (bytes: number) => {
    const place = strided('shard', bytes);
    cleared.push(place);
    return place;
  };
  const constants: { readonly at: Later; readonly value: number; readonly floats: number }[] = [];
  const cannot = (): never => {
    throw new Error('an op of one phase needs this not');
  };
  const key = address('program', 4);
  let addsNow: 0 | 1 = 0;
  let addsByItself = true;
  const emit = {
    training,
    inputs,
    output,
    weight: (name: string) => weights.get(name)!,
    outputGradient: () => outputGradient,
    inputGradient(index: number) {
      addsByItself = false;
      return inputGradients[index]!;
    },
    addableInputGradient: (index: number) => ({
      ...inputGradients[index]!,
      adds: { kind: 'adds', value: index, reader: 0 } as const,
    }),
    block: (size: number) => lanes([size]),
    scratch: (bytes: number) => address('thread', bytes),
    shared: (bytes: number) => address('program', bytes),
    shards,
    gradientSums(weight: WeightPlaces) {
      if (weight.gradient === undefined) throw new Error('a frozen weight has no gradient');
      const place = shards(weight.floats * 4);
      sums.set(weight, place);
      return place;
    },
    dropoutKey: () => key,
    order: address('program', 64),
    forward: (kernel: string, fields: Call[1]) =>
      void calls.forward.push([known(kernel, fields, blockKernels), fields]),
    backward: (kernel: string, fields: Call[1]) =>
      void calls.backward.push([known(kernel, fields, blockKernels), fields]),
    prepare: (kernel: string, fields: Call[1]) =>
      void calls.prepare.push([known(kernel, fields, onceKernels), fields]),
    finish: (kernel: string, fields: Call[1]) =>
      void calls.finish.push([known(kernel, fields, onceKernels), fields]),
    constant(value: number, count: number) {
      const at = address('program', count * 4);
      constants.push({ at, value, floats: count });
      return at;
    },
    measure: (kernel: 'winogradScratch', ...sizes: [number, number, number, number, number]) =>
      kernels[kernel](...sizes),
    shardCount: SHARDS,
    meet: cannot,
    meetBackward: cannot,
    mayReplace: () => undefined,
  };
  op.compile!(layer, emit as unknown as Emit);

  const valueOf = (field: Field): number => {
    if (typeof field === 'number') return field;
    if (field.kind === 'address') return addressOf(field.buffer) + field.offset;
    return field.kind === 'stride' ? (Math.ceil(field.buffer.bytes / 64) + 1) * 64 : addsNow;
  };
  /** Once for gradients that are written and once for those that are added: difference quotients run it a thousand times. */
  const written = [new Map<Call, number>(), new Map<Call, number>()] as const;
  const describe = (call: Call) => {
    const before = written[addsNow].get(call);
    if (before !== undefined) return before;
    const [kernel, fields] = call;
    const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field)]));
    const at = addressOf({ per: 'program', bytes: descriptorBytes(kernel) });
    writeDescriptor(memory, at, kernel, values as never);
    written[addsNow].set(call, at);
    return at;
  };
  const runBlocks = (list: readonly Call[]) => {
    const prepared = list.map((call) => [call[0] as keyof typeof blockKernels, describe(call)] as const);
    for (let block = 0; block < blocks; block++) {
      const live = Math.min(LANES, images - block * LANES);
      for (const [kernel, at] of prepared) kernels[kernel](at, block, live, block % SHARDS, 0);
    }
  };
  const runOnce = (list: readonly Call[]) => {
    for (const call of list) {
      const at = describe(call);
      for (let thread = 0; thread < THREADS; thread++) {
        kernels[call[0] as keyof typeof onceKernels](at, thread, THREADS);
      }
    }
  };
  const put = (to: Lanes, values: Float32Array) => {
    const perImage = sizeOf(to.shape);
    for (let block = 0; block < blocks; block++) {
      const live = Math.min(LANES, images - block * LANES);
      const from = block * LANES * perImage;
      const part = toLanes(values.slice(from, from + live * perImage), [live, 1, 1, perImage]);
      floats.set(part, (valueOf(to.at) + block * valueOf(to.stride)) / 4);
    }
  };
  const get = (from: Lanes): Float32Array => {
    const perImage = sizeOf(from.shape);
    const result = new Float32Array(images * perImage);
    for (let block = 0; block < blocks; block++) {
      const live = Math.min(LANES, images - block * LANES);
      const at = (valueOf(from.at) + block * valueOf(from.stride)) / 4;
      const part = floats.subarray(at, at + perImage * LANES);
      for (let lane = live; lane < LANES; lane++) {
        for (let i = lane; i < part.length; i += LANES) {
          if (part[i] === 0) continue;
          throw new Error(`lane ${lane} of block ${block} holds ${part[i]}, and no image`);
        }
      }
      result.set(fromLanes(part, [live, 1, 1, perImage]), block * LANES * perImage);
    }
    return result;
  };

  return {
    addsByItself,
    forward(values, weightValues) {
      inputs.forEach((input, i) => put(input, values[i]!));
      described.forEach(({ name }, i) => floats.set(weightValues[i]!, valueOf(weights.get(name)!.value) / 4));
      new Uint32Array(memory.buffer)[valueOf(key) / 4] = dropoutKey(SEED, 0, STEP);
      for (const { at, value, floats: count } of constants) {
        floats.fill(value, valueOf(at) / 4, valueOf(at) / 4 + count);
      }
      runOnce(calls.prepare);
      runBlocks(calls.forward);
      return get(output);
    },
    backward(dy, adds) {
      addsNow = adds ? 1 : 0;
      put(outputGradient, dy);
      for (const place of inputGradients) {
        const start = new Float32Array(images * sizeOf(place.shape)).fill(adds ? 1 : Number.NaN);
        put(place, start);
      }
      for (const place of cleared) {
        const at = valueOf(place.at) / 4;
        floats.fill(0, at, at + (SHARDS * valueOf(place.stride)) / 4);
      }
      runBlocks(calls.backward);
      runOnce(calls.finish);
      const weightGradient = (weight: WeightPlaces) => {
        if (weight.gradient === undefined) return undefined;
        const place = sums.get(weight);
        if (place === undefined) {
          // An op that folds its sums by itself.
          const at = valueOf(weight.gradient) / 4;
          return floats.slice(at, at + weight.floats);
        }
        const of = (shard: number) => {
          const at = (valueOf(place.at) + shard * valueOf(place.stride)) / 4;
          return floats.slice(at, at + weight.floats);
        };
        const [first, second] = [of(0), of(1)];
        return first.map((value, i) => value + second[i]!);
      };
      return {
        inputs: inputGradients.map(get),
        weights: described.map(({ name }) => weightGradient(weights.get(name)!)),
      };
    },
  };
}

/** Fails where an op names a kernel that there is not, or leaves out a field of its descriptor, or names one more. */
function known(
  kernel: string,
  fields: Call[1],
  kinds: Readonly<Record<string, keyof typeof descriptors>>,
): DescribedKernel {
  const descriptor = kinds[kernel];
  if (descriptor === undefined) throw new Error(`there is no kernel ${kernel} of this kind`);
  const expected = Object.keys(descriptors[descriptor].fields).toSorted().join(' ');
  const found = Object.keys(fields).toSorted().join(' ');
  if (found !== expected) throw new Error(`${kernel} takes ${expected}, was given ${found}`);
  return kernel as DescribedKernel & keyof Kernels;
}
