import { once } from 'node:events';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { type ImageSet, imageSize } from '../../data/dataset.ts';
import { normalization, type PixelStatistics } from '../../data/normalize.ts';
import { extendKey, keyOf, Stream } from '../../random.ts';
import type { Augmentation } from '../../recipe/augmentation.ts';
import { linkProgram } from './execute.ts';
import { clearLanes, imageLayer, type ImagePlaces } from './images.ts';
import { LANES } from './lanes.ts';
import { loadKernels } from './module.ts';
import type { Program } from './program.ts';

/** What every thread must know to do its part; plain data and shared memory. */
export interface CrewPlan {
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
  /** Absent: for evaluation alone. */
  readonly step?: Program;
  readonly evaluation: Program;
  readonly places: CrewPlaces;
  /** Whether the length of the gradient has a limit, which takes one more sum over all of it. */
  readonly clipsNorm: boolean;
  readonly train?: ImageSet;
  readonly augmentation?: Augmentation;
  readonly statistics: PixelStatistics;
  /** Of the images that an evaluation is given. */
  readonly image: Pick<ImageSet, 'height' | 'width' | 'channels'>;
}

/** Addresses. */
export interface CrewPlaces {
  /** Where threads meet between phases, and before an order. */
  readonly meeting: number;
  readonly start: number;
  /** f64 words of the order. */
  readonly order: number;
  /** u32 [batch]: which training images the step is about. */
  readonly indices: number;
  /** u16 a place in the batch. */
  readonly labels: number;
  /** Of the images of an evaluation: bytes, and u16 each. */
  readonly staged: number;
  readonly stagedLabels: number;
  readonly stagedImages: number;
  readonly update: number;
  readonly table: number;
  /** One a thread and program. */
  readonly imagePlaces: readonly Readonly<
    Record<'step' | 'evaluation', Pick<ImagePlaces, 'descriptor' | 'pixels' | 'ownTable'>>
  >[];
}

export type Command = 'step' | 'evaluate' | 'quit';
const COMMANDS: readonly Command[] = ['step', 'evaluate', 'quit'];
/** How long threads wait for each other inside a command, in naps of 50 ms. */
const PATIENCE = 1200;
const FOR_EVER = -1;

export interface Order {
  readonly images: number;
  readonly seed: number;
  readonly epoch: number;
}

/** One thread's part of every command. */
export interface Member {
  /** Does it; false after 'quit'. Throws where this or another thread fails. */
  obey(): boolean;
  /** Writes a command for all threads; only the first thread may. */
  order(command: Command, order: Order): void;
  /** Sets the others free, which wait for a thread that will not come. */
  fail(): void;
}

export function joinCrew(plan: CrewPlan, thread: number): Member {
  const { memory, threads, places, step, evaluation } = plan;
  const kernels = loadKernels(memory);
  const words = new Float64Array(memory.buffer, places.order, 4);
  const bytes = new Uint8Array(memory.buffer);
  const meetAt = (at: number, naps: number) => {
    const result = kernels.meet(at, threads, naps);
    if (result === 1) throw new Error('another thread of the native engine failed');
    if (result === 2) throw new Error('a thread of the native engine did not come: it has ended or hangs');
  };
  const meet = () => meetAt(places.meeting, PATIENCE);
  const order = () => ({ images: words[1]!, seed: words[2]!, epoch: words[3]! });
  const part = { kernels, thread, threads, meet, bytes };
  const stepping = step && linkProgram(step, { ...part, load: trainingLoader(plan, thread, kernels, order) });
  const evaluating = linkProgram(evaluation, { ...part, load: stagedLoader(plan, thread, kernels) });
  const fail = () => {
    kernels.fail(places.meeting, threads);
    kernels.fail(places.start, threads);
  };
  return {
    fail,
    order(command, { images, seed, epoch }) {
      words.set([COMMANDS.indexOf(command), images, seed, epoch]);
    },
    obey() {
      meetAt(places.start, FOR_EVER);
      const command = COMMANDS[words[0]!];
      if (command === 'quit') return false;
      try {
        if (command === 'evaluate') {
          evaluating(order().images);
          return true;
        }
        stepping!(order().images);
        if (plan.clipsNorm) {
          kernels.sumSquares(places.update, thread, threads);
          meet();
        }
        kernels.updateWeights(places.update, thread, threads);
        meet();
        return true;
      } catch (error) {
        fail();
        throw error;
      }
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
function trainingLoader(
  plan: CrewPlan,
  thread: number,
  kernels: ReturnType<typeof loadKernels>,
  order: () => Order,
) {
  const { memory, train, augmentation, places } = plan;
  if (plan.step === undefined || train === undefined) return () => undefined;
  const address = addressOf(plan.step, thread);
  const table = normalization(plan.statistics);
  const lay = imageLayer(memory, { ...places, ...places.imagePlaces[thread]!.step, address }, kernels, table);
  const indices = new Uint32Array(memory.buffer, places.indices);
  return (block: number, live: number) => {
    const { seed, epoch } = order();
    const key = keyOf(seed, Stream.augment, epoch);
    const from = block * LANES;
    for (let image = from; image < from + live; image++) {
      const index = indices[image]!;
      lay(image, train, index, augmentation, extendKey(key, index));
    }
    clearLanes(memory, address, from + live, imageSize(train));
  };
}

/** Lays the images that the first thread put into the shared memory. */
function stagedLoader(plan: CrewPlan, thread: number, kernels: ReturnType<typeof loadKernels>) {
  const { memory, places, image, evaluation } = plan;
  const set: ImageSet = {
    ...image,
    count: places.stagedImages,
    pixels: new Uint8Array(memory.buffer, places.staged, places.stagedImages * imageSize(image)),
    labels: new Uint16Array(memory.buffer, places.stagedLabels, places.stagedImages),
  };
  const address = addressOf(evaluation, thread);
  const own = places.imagePlaces[thread]!.evaluation;
  const lay = imageLayer(memory, { ...places, ...own, address }, kernels, normalization(plan.statistics));
  return (block: number, live: number) => {
    const from = block * LANES;
    for (let at = from; at < from + live; at++) lay(at, set, at);
    clearLanes(memory, address, from + live, imageSize(set));
  };
}

function addressOf({ image }: Program, thread: number): (image: number) => number {
  const first = image.addresses[thread]!;
  return (index) => first + Math.floor(index / LANES) * image.stride + (index % LANES) * 4;
}
