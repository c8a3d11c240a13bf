import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GateError } from '../../errors.ts';

/** The exports of `assembly/index.ts`; addresses are bytes into the memory that the module was given. */
export interface Kernels {
  activate(
    z: number,
    height: number,
    width: number,
    channels: number,
    scale: number,
    shift: number,
    live: number,
    pool: number,
    dropKey: number,
    dropThreshold: number,
    keepScale: number,
    firstImage: number,
    out: number,
  ): void;
  activateGradient(
    outGradient: number,
    out: number,
    z: number,
    height: number,
    width: number,
    channels: number,
    scale: number,
    shift: number,
    pool: number,
    keepScale: number,
    g: number,
    sums: number,
  ): void;
  addFloats(to: number, from: number, bytes: number): void;
  clear(at: number, bytes: number): void;
  copy(to: number, from: number, bytes: number): void;
  convolve(
    input: number,
    height: number,
    width: number,
    channels: number,
    weights: number,
    kernel: number,
    padding: number,
    output: number,
    outHeight: number,
    outWidth: number,
    outChannels: number,
  ): void;
  crossEntropy(
    z: number,
    pixels: number,
    classes: number,
    labels: number,
    live: number,
    smoothing: number,
    perImage: number,
    logits: number,
    gradient: number,
    tally: number,
  ): void;
  filterGradient(
    input: number,
    height: number,
    width: number,
    channels: number,
    gradient: number,
    outHeight: number,
    outWidth: number,
    outChannels: number,
    kernel: number,
    padding: number,
    sums: number,
  ): void;
  finishGradientMoments(
    sums: number,
    shards: number,
    channels: number,
    count: number,
    gamma: number,
    mean: number,
    inverse: number,
    gammaGradient: number,
    betaGradient: number,
    factors: number,
  ): void;
  finishMoments(
    sums: number,
    shards: number,
    channels: number,
    count: number,
    epsilon: number,
    momentum: number,
    gamma: number,
    beta: number,
    movingMean: number,
    movingVariance: number,
    mean: number,
    inverse: number,
    scale: number,
    shift: number,
  ): void;
  layImage(descriptor: number): void;
  meet(at: number, threads: number): void;
  multiplyAdds(times: number, factor: number): number;
  normalizeGradient(
    g: number,
    z: number,
    pixels: number,
    channels: number,
    factors: number,
    live: number,
  ): void;
  sumSquares(descriptor: number, thread: number, threads: number): void;
  sumMoments(z: number, pixels: number, channels: number, sums: number): void;
  turnWeights(weights: number, kernel: number, channels: number, outChannels: number, turned: number): void;
  updateWeights(descriptor: number, thread: number, threads: number): void;
  useMoving(
    channels: number,
    epsilon: number,
    gamma: number,
    beta: number,
    movingMean: number,
    movingVariance: number,
    scale: number,
    shift: number,
  ): void;
  winogradConvolve(
    side: number,
    input: number,
    height: number,
    width: number,
    channels: number,
    transformed: number,
    size: number,
    padding: number,
    output: number,
    outHeight: number,
    outWidth: number,
    outChannels: number,
    scratch: number,
  ): void;
  winogradGradients(
    side: number,
    input: number,
    height: number,
    width: number,
    channels: number,
    turned: number,
    size: number,
    padding: number,
    gradient: number,
    outHeight: number,
    outWidth: number,
    outChannels: number,
    sums: number,
    inputGradient: number,
    scratch: number,
  ): void;
  winogradScratch(
    side: number,
    outHeight: number,
    outWidth: number,
    channels: number,
    outChannels: number,
  ): number;
  winogradTurn(
    side: number,
    transformed: number,
    size: number,
    channels: number,
    outChannels: number,
    turned: number,
  ): void;
  winogradWeightGradient(side: number, sums: number, count: number, gradient: number): void;
  winogradWeights(side: number, weights: number, size: number, count: number, transformed: number): void;
}

/** Memory below this address belongs to the module's own tables. */
export const FIRST_FREE_ADDRESS = 65_536;
const PAGE_BYTES = 65_536;
/** What asconfig.json declares: 1 GiB. */
const MAXIMUM_PAGES = 16_384;

/** Shared, so that every thread sees the same memory; `bytes` is rounded up to whole pages. */
export function createMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({
    initial: Math.ceil(bytes / PAGE_BYTES),
    maximum: MAXIMUM_PAGES,
    shared: true,
  });
}

/** The kernels on `memory`. Throws GateError where they have not been built. */
export function loadKernels(memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(compiled(), { env: { memory, abort } });
  return instance.exports as unknown as Kernels;
}

let kernelModule: WebAssembly.Module | undefined;

function compiled(): WebAssembly.Module {
  kernelModule ??= new WebAssembly.Module(readBinary());
  return kernelModule;
}

function readBinary(): Uint8Array<ArrayBuffer> {
  const file = fileURLToPath(new URL('../../../build/kernels.wasm', import.meta.url));
  try {
    return new Uint8Array(readFileSync(file));
  } catch {
    throw new GateError(
      `The WebAssembly kernels are missing: expected ${file}. \`npm ci\` builds them; so does \`npm run build:kernels\`.`,
    );
  }
}

function abort(): never {
  throw new Error('A WebAssembly kernel stopped: this is a mistake in assembly/.');
}
