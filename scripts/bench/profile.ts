import type { ImageSet } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { LANES } from '../../src/engine/native/lanes.ts';
import { blockKernels, descriptors } from '../../src/engine/native/bindings.ts';
import type { Kernels } from '../../src/engine/native/module.ts';
import { gflops } from './operations.ts';
import { ownEngine } from './own-engine.ts';
import { stepper } from '../../src/backends/steps.ts';
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
    readonly #view: DataView;
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      this.#view = new DataView((imports!['env']!['memory'] as WebAssembly.Memory).buffer);
    }
    override get exports(): WebAssembly.Exports {
      const exports = Object.entries(super.exports);
      return Object.fromEntries(
        exports.map(([name, value]) => [name, clocked(name as Kernel, value, entries, this.#view)]),
      );
    }
  };
  try {
    return await create();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

function clocked(name: Kernel, value: WebAssembly.ExportValue, entries: Map<Kernel, Entry>, view: DataView) {
  if (typeof value !== 'function') return value;
  return (...args: number[]): unknown => {
    const start = performance.now();
    const result: unknown = value(...args);
    const milliseconds = performance.now() - start;
    let entry = entries.get(name);
    if (!entry) entries.set(name, (entry = { calls: 0, milliseconds: 0, operations: 0, bytes: 0 }));
    entry.calls++;
    entry.milliseconds += milliseconds;
    const field = fieldsOf(name, args[0]!, view);
    entry.operations += operationsOf(name, field);
    entry.bytes += bytesOf(name, field);
    return result;
  };
}

type Fields = (name: string) => number;

/** The whole numbers of the descriptor that a kernel was given. */
function fieldsOf(name: Kernel, at: number, view: DataView): Fields {
  const descriptor = (blockKernels as Readonly<Record<string, keyof typeof descriptors>>)[name];
  const fields =
    descriptor && (descriptors[descriptor].fields as Readonly<Record<string, readonly [number, string]>>);
  return (field) => (fields ? view.getInt32(at + fields[field]![0], true) : 0);
}

/** Of a block. */
function operationsOf(name: Kernel, field: Fields): number {
  const product = (...names: readonly string[]) => names.reduce((all, each) => all * field(each), 2 * LANES);
  const outputs = ['outHeight', 'outWidth', 'outChannels'];
  switch (name) {
    case 'convolveBlock':
    case 'filterGradientBlock':
      return product('channels', 'kernel', 'kernel', ...outputs);
    case 'gather':
    case 'filterGradientOf':
      return product('channels', 'kernelHeight', 'kernelWidth', ...outputs) / field('groups');
    case 'winogradBlock':
      return 9 * product('channels', ...outputs);
    case 'winogradGradientsBlock':
      return (field('inputGradient') === 0 ? 1 : 2) * 9 * product('channels', ...outputs);
    default:
      return 0;
  }
}

/** Of an activation each array counts once, however often it is looked at. */
function bytesOf(name: Kernel, field: Fields): number {
  const product = (...names: readonly string[]) => names.reduce((all, each) => all * field(each), LANE_BYTES);
  switch (name) {
    case 'sumMomentsBlock':
      return product('pixels', 'channels');
    case 'activateBlock':
      return product('height', 'width', 'channels') * (field('pool') ? 1 + 1 / 4 : 2);
    case 'activateGradientBlock':
      return product('height', 'width', 'channels') * (field('pool') ? 2 + 2 / 4 : 4);
    case 'normalizeGradientBlock':
      return 3 * product('pixels', 'channels');
    case 'crossEntropyBlock':
      return 2 * product('classes');
    default:
      return 0;
  }
}
