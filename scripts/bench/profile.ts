import type { ImageSet } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { LANES } from '../../src/engine/native/layout.ts';
import type { Kernels } from '../../src/engine/native/module.ts';
import { gflops } from './operations.ts';
import { ownEngine, stepper } from './own-engine.ts';
import type { Profile } from './schema.ts';

/** Bytes of one channel of one pixel of a block. */
const LANE_BYTES = LANES * 4;

type Kernel = keyof Kernels;
interface Entry {
  calls: number;
  milliseconds: number;
  /** By the call's own arguments: operations of convolutions as in the direct one, bytes read and written of the rest. */
  operations: number;
  bytes: number;
}

/**
 * Where a step's time goes: the engine as it is, on one thread, with a clock around every kernel. What is not inside a
 * kernel is JavaScript; the clock itself counts as JavaScript too, so its share is an upper bound.
 */
export async function profileOf(iteration: Iteration, data: ImageSet, steps: number): Promise<Profile> {
  const entries = new Map<Kernel, Entry>();
  const engine = await instrumented(entries, () => ownEngine(iteration, { train: data }));
  const step = stepper(engine, iteration.recipe, data.count);
  for (let i = 0; i < steps; i++) step();
  entries.clear();
  const start = performance.now();
  for (let i = 0; i < steps; i++) step();
  const milliseconds = (performance.now() - start) / steps;
  engine.dispose();
  const kernels = [...entries].map(([name, entry]) => ({
    name,
    calls: entry.calls / steps,
    milliseconds: entry.milliseconds / steps,
    share: entry.milliseconds / steps / milliseconds,
    ...(entry.operations > 0 && { gflops: gflops(entry.operations, entry.milliseconds) }),
    ...(entry.bytes > 0 && { gigabytesPerSecond: entry.bytes / entry.milliseconds / 1e6 }),
  }));
  const inKernels = kernels.reduce((sum, { share }) => sum + share, 0);
  return {
    iteration: iteration.id,
    milliseconds,
    shares: { kernels: inKernels, rest: Math.max(0, 1 - inKernels) },
    kernels: kernels.sort((a, b) => b.milliseconds - a.milliseconds),
  };
}

/** What `create` makes gets kernels that tell `entries` of every call; modules loaded later are untouched. */
async function instrumented<T>(entries: Map<Kernel, Entry>, create: () => Promise<T>): Promise<T> {
  const { Instance } = WebAssembly;
  // The engine loads its kernels itself; this is the one place where they can be reached from outside.
  WebAssembly.Instance = class extends Instance {
    override get exports(): WebAssembly.Exports {
      const exports = Object.entries(super.exports);
      return Object.fromEntries(
        exports.map(([name, value]) => [name, clocked(name as Kernel, value, entries)]),
      );
    }
  };
  try {
    return await create();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

function clocked(name: Kernel, value: WebAssembly.ExportValue, entries: Map<Kernel, Entry>) {
  if (typeof value !== 'function') return value;
  return (...args: number[]): unknown => {
    const start = performance.now();
    const result: unknown = value(...args);
    const milliseconds = performance.now() - start;
    let entry = entries.get(name);
    if (!entry) entries.set(name, (entry = { calls: 0, milliseconds: 0, operations: 0, bytes: 0 }));
    entry.calls++;
    entry.milliseconds += milliseconds;
    entry.operations += operationsOf(name, args);
    entry.bytes += bytesOf(name, args);
    return result;
  };
}

/** By the parameter lists of `Kernels`. */
function operationsOf(name: Kernel, args: readonly number[]): number {
  const product = (...indices: readonly number[]) => indices.reduce((all, i) => all * args[i]!, 2 * LANES);
  switch (name) {
    case 'convolve':
      return product(3, 5, 5, 8, 9, 10);
    case 'filterGradient':
      return product(3, 5, 6, 7, 8, 8);
    case 'winogradConvolve':
      return 9 * product(4, 9, 10, 11);
    case 'winogradGradients':
      return (args[13] === 0 ? 1 : 2) * 9 * product(4, 9, 10, 11);
    default:
      return 0;
  }
}

/** Of an activation each array counts once, however often it is looked at. */
function bytesOf(name: Kernel, args: readonly number[]): number {
  const product = (...indices: readonly number[]) => indices.reduce((all, i) => all * args[i]!, LANE_BYTES);
  switch (name) {
    case 'sumMoments':
      return product(1, 2);
    case 'activate':
      return product(1, 2, 3) * (args[7] ? 1 + 1 / 4 : 2);
    case 'activateGradient':
      return product(3, 4, 5) * (args[8] ? 2 + 2 / 4 : 4);
    case 'normalizeGradient':
      return 3 * product(2, 3);
    case 'crossEntropy':
      return 2 * product(1, 2);
    default:
      return 0;
  }
}
