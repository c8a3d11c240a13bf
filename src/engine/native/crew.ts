import { once } from 'node:events';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { type ImageSet, imageSize } from '../../data/dataset.ts';
import { normalization, type PixelStatistics } from '../../data/normalize.ts';
import { keyOf, Stream } from '../../random.ts';
import type { Augmentation } from '../../recipe/recipe.ts';
import type { Chain } from './chain.ts';
import { clearLanes, imageLayer, type LayImage } from './images.ts';
import { imageAddress, LANES, layOut, type Layout } from './layout.ts';
import { type Kernels, loadKernels } from './module.ts';
import { evaluationPhases, type Order, runPhases, stepPhases } from './phases.ts';

/** What every thread must know to do its part; plain data and shared memory. */
export interface CrewPlan {
  readonly memory: WebAssembly.Memory;
  readonly chain: Chain;
  readonly batch: number;
  readonly threads: number;
  /** Absent: for evaluation alone. */
  readonly train?: ImageSet;
  readonly augmentation?: Augmentation;
  readonly statistics: PixelStatistics;
}

export type Command = 'step' | 'evaluate' | 'quit';
const COMMANDS: readonly Command[] = ['step', 'evaluate', 'quit'];
const FIELDS = [
  'images',
  'seed',
  'epoch',
  'step',
  'labelSmoothing',
  'useAverages',
] as const satisfies readonly (keyof Order)[];

/** One thread's view of the shared memory and its part of every command. */
export interface Member {
  readonly layout: Layout;
  readonly kernels: Kernels;
  readonly lay: LayImage;
  /** Does this thread's part of the command in the shared memory; false after 'quit'. */
  obey(): boolean;
  /** Writes a command for all threads; only the first thread may. */
  order(command: Command, order: Order): void;
}

export function joinCrew(plan: CrewPlan, thread: number): Member {
  const { memory, chain, batch, threads } = plan;
  const kernels = loadKernels(memory);
  const layout = layOut(chain, batch, kernels);
  const words = new Float64Array(memory.buffer, layout.order, 1 + FIELDS.length);
  const places = {
    ...layout,
    descriptor: layout.imageDescriptors[thread]!,
    pixels: layout.pixels[thread]!,
    ownTable: layout.ownTables[thread]!,
    address: (image: number) => imageAddress(layout, image),
  };
  const lay = imageLayer(memory, places, kernels, normalization(plan.statistics));
  const stepping = stepPhases(layout, kernels, loader(plan, layout, lay));
  const evaluating = evaluationPhases(layout, kernels);
  return {
    layout,
    kernels,
    lay,
    order(command, order) {
      words[0] = COMMANDS.indexOf(command);
      FIELDS.forEach((field, i) => {
        words[1 + i] = order[field];
      });
    },
    obey() {
      kernels.meet(layout.start, threads);
      const command = COMMANDS[words[0]!];
      if (command === 'quit') return false;
      const order = Object.fromEntries(FIELDS.map((field, i) => [field, words[1 + i]!])) as unknown as Order;
      runPhases(command === 'step' ? stepping : evaluating, order, kernels, layout, thread, threads);
      return true;
    },
  };
}

/** Starts the threads 1 to `threads` - 1, which obey until 'quit'; resolves when they listen. */
export async function startCrew(plan: CrewPlan): Promise<void> {
  await Promise.all(
    Array.from({ length: plan.threads - 1 }, (_, i) =>
      once(startThread({ workerData: { plan, thread: i + 1 } }), 'message'),
    ),
  );
}

function startThread(options: WorkerOptions): Worker {
  if (import.meta.url.endsWith('.js')) return new Worker(new URL('./thread.js', import.meta.url), options);
  // In the sources the file is TypeScript, which a bare worker cannot read.
  const file = JSON.stringify(new URL('./thread.ts', import.meta.url).href);
  const start = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${file}, ${file}));`;
  return new Worker(start, { ...options, eval: true });
}

/** Lays the training images whose indices are in the shared memory into their block, augmented. */
function loader({ memory, train, augmentation }: CrewPlan, layout: Layout, lay: LayImage) {
  const indices = new Uint32Array(memory.buffer, layout.indices, layout.blocks * LANES);
  return (block: number, live: number, { seed, epoch }: Order) => {
    for (let lane = 0; lane < live; lane++) {
      const image = block * LANES + lane;
      const index = indices[image]!;
      const key = keyOf(seed, Stream.augment, epoch, index);
      lay(image, train!, index, augmentation, key);
    }
    if (live < LANES) {
      clearLanes(memory, (image) => imageAddress(layout, image), block * LANES + live, imageSize(train!));
    }
  };
}
