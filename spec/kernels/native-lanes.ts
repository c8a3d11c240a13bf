import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import '../../src/backend/gradients.ts';
import {
  type BlockKernel,
  descriptorBytes,
  type FieldOf,
  type OnceKernel,
  writeDescriptor,
} from '../../src/engine/native/descriptor.ts';
import {
  createMemory,
  FIRST_FREE_ADDRESS,
  type Kernels,
  loadKernels,
} from '../../src/engine/native/module.ts';
import { uniform } from '../../src/random.ts';

/** Images of a block, as in `src/engine/native/layout.ts`. */
export const LANES = 8;
/** Largest difference from the oracle, relative to its largest value. */
const TOLERANCE = 2e-5;
/** Of a bench, if it does not ask for less. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Stands on both sides of every array that a kernel is given. */
const GUARD = 123_456.75;
const GUARD_FLOATS = 16;

export type Shape4 = readonly [images: number, height: number, width: number, channels: number];

/** Memory with kernels on it; arrays are put into it one after the other, with guards between them. */
export interface Bench {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** Address of a copy of `values`, as floats. */
  put(values: ArrayLike<number>): number;
  /** Address of an NHWC array of up to eight images, laid out as a block; lanes without an image are 0. */
  putBlock(values: ArrayLike<number>, shape: Shape4): number;
  /** Address of `count` floats of 0: for sums. */
  zeros(count: number): number;
  /** Address of `count` floats that are not numbers: for what a kernel must write whole. */
  room(count: number): number;
  /** Address of f64. */
  putDoubles(values: ArrayLike<number>): number;
  bytes(values: ArrayLike<number>): number;
  shorts(values: ArrayLike<number>): number;
  read(at: number, count: number): Float32Array;
  readDoubles(at: number, count: number): Float64Array;
  /** The images of a block as an NHWC array. */
  readBlock(at: number, shape: Shape4): Float32Array;
  /** Runs a block kernel on a block (0) of `live` (8) images, as shard 0 and thread 0. */
  run<K extends BlockKernel>(
    kernel: K,
    fields: Readonly<Record<FieldOf<K>, number>>,
    live?: number,
    block?: number,
  ): void;
  /** Runs a once kernel, as each of `threads` threads after the other. */
  runOnce<K extends OnceKernel>(
    kernel: K,
    fields: Readonly<Record<FieldOf<K>, number>>,
    threads?: number,
  ): void;
  /** Throws where a kernel wrote beside its arrays. */
  checkGuards(): void;
}

export function createBench(memoryBytes = MEMORY_BYTES): Bench {
  const memory = createMemory(memoryBytes);
  const floats = new Float32Array(memory.buffer);
  const guards: number[] = [];
  let next = FIRST_FREE_ADDRESS;
  const guard = () => {
    guards.push(next);
    floats.fill(GUARD, next / 4, next / 4 + GUARD_FLOATS);
    next += GUARD_FLOATS * 4;
  };
  guard();
  const take = (bytes: number) => {
    const at = next;
    // The guard begins right behind the last whole vector, so that one vector too many is seen.
    next += Math.ceil(bytes / 16) * 16;
    guard();
    if (next > memoryBytes) throw new Error('the bench is full: raise MEMORY_BYTES');
    return at;
  };
  const put = (values: ArrayLike<number>) => {
    const at = take(values.length * 4);
    floats.set(values, at / 4);
    return at;
  };
  const read = (at: number, count: number) => floats.slice(at / 4, at / 4 + count);
  const kernels = loadKernels(memory);
  const described = <K extends BlockKernel | OnceKernel>(
    kernel: K,
    fields: Readonly<Record<FieldOf<K>, number>>,
  ) => {
    const at = take(descriptorBytes(kernel));
    writeDescriptor(memory, at, kernel, fields);
    return at;
  };
  return {
    memory,
    kernels,
    put,
    putBlock: (values, shape) => put(toLanes(values, shape)),
    zeros: (count) => put(new Float32Array(count)),
    room: (count) => put(new Float32Array(count).fill(Number.NaN)),
    putDoubles(values) {
      const at = take(values.length * 8);
      new Float64Array(memory.buffer).set(values, at / 8);
      return at;
    },
    shorts(values) {
      const at = take(2 * values.length);
      new Uint16Array(memory.buffer).set(values, at / 2);
      return at;
    },
    bytes(values) {
      const at = take(values.length);
      new Uint8Array(memory.buffer).set(values, at);
      return at;
    },
    read,
    readDoubles: (at, count) => new Float64Array(memory.buffer).slice(at / 8, at / 8 + count),
    readBlock: (at, shape) => fromLanes(read(at, (sizeOf(shape) / shape[0]) * LANES), shape),
    run: (kernel, fields, live = LANES, block = 0) =>
      kernels[kernel](described(kernel, fields), block, live, 0, 0),
    runOnce(kernel, fields, threads = 1) {
      const at = described(kernel, fields);
      for (let thread = 0; thread < threads; thread++) kernels[kernel](at, thread, threads);
    },
    checkGuards() {
      const broken = guards.filter((at) => read(at, GUARD_FLOATS).some((value) => value !== GUARD));
      expect(broken, 'addresses written beside the arrays').toEqual([]);
    },
  };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** NHWC to [y][x][c][8]. */
export function toLanes(values: ArrayLike<number>, shape: Shape4): Float32Array {
  const perImage = sizeOf(shape) / shape[0];
  const lanes = new Float32Array(perImage * LANES);
  for (let image = 0; image < shape[0]; image++) {
    for (let i = 0; i < perImage; i++) lanes[i * LANES + image] = values[image * perImage + i]!;
  }
  return lanes;
}

/** [y][x][c][8] to NHWC of the first images. */
export function fromLanes(lanes: ArrayLike<number>, shape: Shape4): Float32Array {
  const perImage = sizeOf(shape) / shape[0];
  const nhwc = new Float32Array(sizeOf(shape));
  for (let image = 0; image < shape[0]; image++) {
    for (let i = 0; i < perImage; i++) nhwc[image * perImage + i] = lanes[i * LANES + image]!;
  }
  return nhwc;
}

/** Uniform in [-1, 1). */
export function values(shape: readonly number[], key: number): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * uniform(key, i) - 1);
}

/** Runs `compute` on tfjs' cpu backend and reads what it gives. */
export function onCpu(compute: () => readonly tf.Tensor[]): Float32Array[] {
  return tf.tidy(() => compute().map((tensor) => Float32Array.from(tensor.dataSync())));
}

/** Every element within `tolerance` of the oracle's largest value; says which element is furthest away. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = TOLERANCE,
): void {
  expect(found.length, `length of ${what}`).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-6);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!) / scale;
    // NaN counts as the furthest away.
    if (!(difference <= worst)) [worst, at] = [difference, i];
  }
  const detail = `${what}: element ${at} is ${found[at]}, expected ${expected[at]}`;
  expect(worst, detail).toBeLessThan(tolerance);
}
