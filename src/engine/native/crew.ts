import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { type ImageSet, imageSize } from '../../data/dataset.ts';
import { messageOf } from '../../errors.ts';
import { normalization, type PixelStatistics } from '../../data/normalize.ts';
import { extendKey, keyOf, Stream } from '../../random.ts';
import type { Augmentation } from '../../recipe/augmentation.ts';
import { claimShards } from './claims.ts';
import { linkProgram } from './execute.ts';
import { EVALUATION_PLACES, PartnerFailed, RESTS } from './failure.ts';
import { clearLanes, imageLayer, type ImagePlaces } from './images.ts';
import { LANES } from './lanes.ts';
import { loadKernels } from './module.ts';
import type { Program } from './program.ts';
import { threadScript } from './thread-script.ts';
import { LEFT, placeOf, tell } from './told.js';

/** What every thread must know to do its part; plain data and shared memory. */
export interface CrewPlan {
  readonly memory: WebAssembly.Memory;
  readonly kernels: WebAssembly.Module;
  /** What `createTold` made. */
  readonly told: SharedArrayBuffer;
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
  /** Which shards of a phase are taken; one program runs at a time. */
  readonly claims: number;
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
/** How long threads wait for one that hangs, in naps: one that is gone is noticed at once. */
const PATIENCE = 1200;
/** As assembly/barrier.ts has it. */
const NAP_MS = 50;
const FOR_EVER = -1;
/**
 * How often a thread turns around a loop before it sleeps: for about a millisecond. Whoever sleeps comes late to the next meeting, where the
 * others fall asleep meanwhile: a limit near the length of a phase (it was 20 microseconds) makes them do so in turn. Where there are
 * fewer cores than threads, whoever turns keeps another one from coming.
 */
const TURNS = 1_000_000;

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
  const kernels = loadKernels(memory, plan.kernels);
  const words = new Float64Array(memory.buffer, places.order, 4);
  const turns = threads > availableParallelism() ? 0 : TURNS;
  const meetAt = (at: number, naps: number) => {
    const result = kernels.meet(at, threads, turns, naps);
    if (result === 1) throw new PartnerFailed(plan, 'it did not say why');
    if (result === 2) throw new PartnerFailed(plan, `it has not come for ${(PATIENCE * NAP_MS) / 1000} s`);
  };
  const meet = () => meetAt(places.meeting, PATIENCE);
  const order = () => ({ images: words[1]!, seed: words[2]!, epoch: words[3]! });
  const place = placeOf(plan.told, thread);
  const part = { kernels, thread, threads, meet };
  const claimsOf = ({ shardCount }: Program) =>
    claimShards({ memory, at: places.claims, thread, threads, shardCount });
  const enter = (first: number) => (at: number) => {
    place[0] = first + 1 + at;
  };
  const stepping =
    step &&
    linkProgram(step, {
      ...part,
      claims: claimsOf(step),
      enter: enter(0),
      load: trainingLoader(plan, thread, kernels, order),
    });
  const evaluating = linkProgram(evaluation, {
    ...part,
    claims: claimsOf(evaluation),
    enter: enter(EVALUATION_PLACES),
    load: stagedLoader(plan, thread, kernels),
  });
  place[0] = RESTS;
  const fail = () => {
    kernels.fail(places.meeting, threads);
    kernels.fail(places.start, threads);
  };
  return {
    fail,
    order(command, { images, seed, epoch }) {
      words[0] = COMMANDS.indexOf(command);
      words[1] = images;
      words[2] = seed;
      words[3] = epoch;
    },
    obey() {
      // The first thread comes when there is something to do; the others should be here by then.
      meetAt(places.start, thread === 0 ? PATIENCE : FOR_EVER);
      const command = COMMANDS[words[0]!];
      if (command === 'quit') return false;
      try {
        if (command === 'evaluate') {
          evaluating(order().images);
          place[0] = RESTS;
          return true;
        }
        stepping!(order().images);
        if (plan.clipsNorm) {
          kernels.sumSquares(places.update, thread, threads);
          meet();
        }
        kernels.updateWeights(places.update, thread, threads);
        meet();
        place[0] = RESTS;
        return true;
      } catch (error) {
        if (!(error instanceof PartnerFailed)) tell(plan.told, thread, messageOf(error));
        fail();
        throw error;
      }
    },
  };
}

/** A thread's life: obeys until it is told to end. Its failure is told to the first thread. */
export function serve(plan: CrewPlan, thread: number, listens: () => void): void {
  const member = joinCrew(plan, thread);
  const place = placeOf(plan.told, thread);
  listens();
  try {
    while (member.obey());
  } catch {
    // Whoever failed has told why, and the first thread says it.
  }
  place[0] = LEFT;
}

/** What the threads run; another file than thread.ts in specs of what happens when one fails. */
export interface ThreadFile {
  readonly url: URL;
  readonly resourceLimits?: ResourceLimits;
}

/** Starts the threads 1 to `threads` - 1, which obey until 'quit'. `ready` resolves when they listen; `end` ends them at once. */
export function startCrew(
  plan: CrewPlan,
  file: ThreadFile = { url: ownFile('thread') },
): { readonly ready: Promise<void>; end(): void } {
  if (plan.threads === 1) return { ready: Promise.resolve(), end: () => undefined };
  const { url, resourceLimits } = file;
  const foreman = new Worker(new URL('./foreman.js', import.meta.url), {
    workerData: { plan, start: threadScript(url), ...(resourceLimits && { resourceLimits }) },
  });
  const ready = once(foreman, 'message').then(([message]) => {
    if (message !== 'ready') throw new PartnerFailed(plan, 'it did not start');
  });
  return { ready, end: () => void foreman.terminate() };
}

function ownFile(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.js') ? '.js' : '.ts'}`, import.meta.url);
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
