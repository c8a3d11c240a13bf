import type { Iteration } from '../../src/iterations/define.ts';
import { findIteration } from '../../src/iterations/index.ts';
import { LANES } from '../../src/engine/native/lanes.ts';
import {
  createMemory,
  FIRST_FREE_ADDRESS,
  type Kernels,
  loadKernels,
} from '../../src/engine/native/module.ts';
import { graphOf } from '../../src/model/graph.ts';
import { bestSide, type Side } from '../../src/ops/tile-side.ts';
import type { Network } from '../../src/model/layers.ts';
import { uniform } from '../../src/random.ts';
import { type ConvolutionShape, convolutionOperations, gflops, shapeName } from './operations.ts';
import { peakMeter } from './peak.ts';
import type { KernelFigures } from './schema.ts';
import { medianOf, pairedRatio, spreadOf } from './statistics.ts';

/** Images of a call, as in the step of the iterations. */
const BATCH = 64;
/** Channels in and out of the square shapes. */
const FEWEST_CHANNELS = 8;
const MOST_CHANNELS = 20;
/** Of a round; its sample is the median of them. */
const CALLS = 3;

export interface KernelRounds {
  readonly rounds: number;
  readonly shapes: readonly ConvolutionShape[];
  readonly onRound: (done: number) => void;
}

export interface KernelResults {
  readonly peaks: readonly number[];
  readonly kernels: readonly KernelFigures[];
}

/**
 * Every convolution kernel at every shape, the shapes one after the other in each round, and the machine's peak beside
 * each shape: a kernel and the peak that it is compared with are some milliseconds apart.
 */
export function measureKernels({ rounds, shapes, onRound }: KernelRounds): KernelResults {
  const peak = peakMeter();
  const stage = createStage(shapes);
  const rows = shapes.map((shape) => ({
    shape,
    peaks: [] as number[],
    tasks: tasksOf(stage, shape).map((task) => ({ ...task, rounds: [] as number[], calls: [] as number[] })),
  }));
  for (let round = -1; round < rounds; round++) {
    for (const { tasks, peaks } of rows) {
      stage.refill();
      const found = peak();
      // The first round is a warm-up: V8 compiles a function better once it has run for a while.
      if (round >= 0) peaks.push(found);
      for (const task of tasks) {
        const calls = timesOf(task.run);
        if (round < 0) continue;
        task.rounds.push(medianOf(calls));
        task.calls.push(...calls);
      }
    }
    onRound(round + 1);
  }
  const allPeaks = rows.flatMap(({ peaks }) => peaks);
  const kernels = rows.flatMap(({ shape, peaks, tasks }) =>
    tasks.map(({ name, used, passes, rounds, calls }): KernelFigures => {
      const operations = passes * BATCH * convolutionOperations(shape);
      const { median, minimum } = spreadOf(calls);
      return {
        name,
        shape: shapeName(shape),
        used,
        gflops: gflops(operations, median),
        bestGflops: gflops(operations, minimum),
        shareOfPeak: pairedRatio(
          rounds.map((sample) => gflops(operations, sample)),
          peaks,
        ),
        bestShareOfPeak: gflops(operations, minimum) / Math.max(...allPeaks),
        milliseconds: median,
      };
    }),
  );
  return { peaks: allPeaks, kernels };
}

/** The convolutions of these iterations as they are now, each shape once. */
export function shapesOf(some: readonly Iteration[]): ConvolutionShape[] {
  return eachOnce(some.flatMap(({ network }) => convolutionsOf(network)));
}

/** With stride 1 the name tells all but the padding, which follows from it. */
export function eachOnce(shapes: readonly ConvolutionShape[]): ConvolutionShape[] {
  return [...new Map(shapes.map((shape) => [shapeName(shape), shape])).values()];
}

/** As many channels out as in, 8 to 20, at two sizes that iteration 5 has: before its pooling and after it. */
export function squareShapes(step = 1): ConvolutionShape[] {
  const links = convolutionsOf(findIteration(5).network);
  const pooled = links.findIndex(({ outHeight }, i) => links[i + 1]!.height < outHeight);
  return [links[pooled]!, links[pooled + 1]!].flatMap((link) => {
    const shapes: ConvolutionShape[] = [];
    for (let channels = FEWEST_CHANNELS; channels <= MOST_CHANNELS; channels += step) {
      shapes.push({ ...link, channels, filters: channels });
    }
    return shapes;
  });
}

/** The convolutions of a network of square kernels and stride 1, in order. */
export function convolutionsOf(network: Network): ConvolutionShape[] {
  return graphOf(network)
    .nodes.filter(({ op }) => op.type === 'convolution')
    .map(({ layer, inputShapes, shape }) => {
      const [height, width, channels] = inputShapes[0] as readonly [number, number, number];
      const [outHeight, outWidth, filters] = shape as readonly [number, number, number];
      const [kernel] = (layer as unknown as { readonly kernel: readonly [number, number] }).kernel;
      const padding = (outHeight - height + kernel - 1) / 2;
      return { height, width, channels, outHeight, outWidth, filters, kernel, padding };
    });
}

/** Milliseconds of each of a few calls, after one that fills the caches. */
function timesOf(run: () => void): number[] {
  run();
  return Array.from({ length: CALLS }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
}

interface Task {
  readonly name: string;
  readonly used: boolean;
  /** Times the operations of the forward convolution. */
  readonly passes: number;
  readonly run: () => void;
}

/** Memory for the largest shape; every shape lies in it as the engine would lay it out. */
interface Stage {
  readonly kernels: Kernels;
  /** Sets everything to numbers in [-1, 1), so that no shape computes with what another one left behind. */
  refill(): void;
}

function createStage(shapes: readonly ConvolutionShape[]): Stage {
  const probe = loadKernels(createMemory(FIRST_FREE_ADDRESS));
  const bytes = Math.max(
    ...shapes.flatMap((shape) => sidesOf(shape).map((side) => placesOf(shape, side, probe).bytes)),
  );
  const memory = createMemory(bytes);
  const floats = new Float32Array(memory.buffer, FIRST_FREE_ADDRESS);
  const noise = Float32Array.from(floats, (_, i) => 2 * uniform(0, i) - 1);
  return { kernels: loadKernels(memory), refill: () => floats.set(noise) };
}

/** Addresses for a batch of this one convolution, done by tiles of `side`. */
function placesOf(shape: ConvolutionShape, side: Side, kernels: Kernels) {
  const { height, width, channels, outHeight, outWidth, filters, kernel } = shape;
  let next = FIRST_FREE_ADDRESS;
  const take = (floats: number) => {
    const at = next;
    next += Math.ceil(floats / 16) * 64 + 128;
    return at;
  };
  const blocks = BATCH / LANES;
  const [inputFloats, outputFloats] = [
    height * width * channels * LANES,
    outHeight * outWidth * filters * LANES,
  ];
  const taps = side > 0 ? (side + 2) ** 2 : kernel ** 2;
  const planeSize = Math.ceil((channels * filters) / 4) * 4;
  const places = {
    input: take(blocks * inputFloats),
    output: take(blocks * outputFloats),
    gradient: take(blocks * outputFloats),
    inputGradient: take(blocks * inputFloats),
    weights: take(kernel ** 2 * channels * filters),
    packed: take(taps * planeSize),
    turned: take(taps * planeSize),
    filterSums: take(taps * channels * filters + 16),
    scratch: take(side > 0 ? kernels.winogradScratch(side, outHeight, outWidth, channels, filters) / 4 : 0),
  };
  const sizes = {
    blocks,
    planeSize,
    inputBytes: 4 * inputFloats,
    outputBytes: 4 * outputFloats,
    bytes: next,
  };
  const used = bestSide({ kernel, channels, outHeight, outWidth }) === side;
  return { ...places, ...sizes, used };
}

/** Every way to convolve this shape, largest tiles first. */
function sidesOf({ kernel, channels }: ConvolutionShape): Side[] {
  return kernel === 3 && channels > 1 ? [4, 2, 0] : [0];
}

function tasksOf({ kernels }: Stage, shape: ConvolutionShape): Task[] {
  return sidesOf(shape).flatMap((side) =>
    side === 0 ? directTasks(kernels, shape) : winogradTasks(kernels, shape, side),
  );
}

/** Where each block of the batch lies. */
function blocksOf(places: ReturnType<typeof placesOf>) {
  const { input, output, gradient, inputGradient, inputBytes, outputBytes } = places;
  return Array.from({ length: places.blocks }, (_, block) => ({
    input: input + block * inputBytes,
    gradient: gradient + block * outputBytes,
    output: output + block * outputBytes,
    inputGradient: inputGradient + block * inputBytes,
  }));
}

function winogradTasks(kernels: Kernels, shape: ConvolutionShape, side: Side): Task[] {
  const { height, width, channels, outHeight, outWidth, filters, padding } = shape;
  const places = placesOf(shape, side, kernels);
  const { packed, turned, filterSums, scratch, planeSize: size, used } = places;
  const blocks = blocksOf(places);
  const image = [height, width, channels] as const;
  const result = [outHeight, outWidth, filters] as const;
  return [
    {
      name: `forward (Winograd ${side}x${side})`,
      used,
      passes: 1,
      run() {
        for (const { input, output } of blocks) {
          kernels.winogradConvolve(side, input, ...image, packed, size, padding, output, ...result, scratch);
        }
      },
    },
    {
      name: `both gradients (Winograd ${side}x${side})`,
      used,
      passes: 2,
      run() {
        for (const { input, gradient, inputGradient } of blocks) {
          const turnedAt = [turned, size, padding, gradient] as const;
          const to = [filterSums, inputGradient, scratch] as const;
          kernels.winogradGradients(side, input, ...image, ...turnedAt, ...result, ...to);
        }
      },
    },
  ];
}

function directTasks(kernels: Kernels, shape: ConvolutionShape): Task[] {
  const { height, width, channels, outHeight, outWidth, filters, kernel, padding } = shape;
  const places = placesOf(shape, 0, kernels);
  const { weights, filterSums, used } = places;
  const blocks = blocksOf(places);
  const image = [height, width, channels] as const;
  const result = [outHeight, outWidth, filters] as const;
  const ofImages: Task[] = [
    {
      name: 'forward (direct)',
      used,
      passes: 1,
      run() {
        for (const { input, output } of blocks) {
          kernels.convolve(input, ...image, weights, kernel, padding, output, ...result);
        }
      },
    },
    {
      name: 'filter gradient (direct)',
      used,
      passes: 1,
      run() {
        for (const { input, gradient } of blocks) {
          kernels.filterGradient(input, ...image, gradient, ...result, kernel, padding, filterSums);
        }
      },
    },
  ];
  // Images have one channel, and nobody asks for the gradient of an image.
  if (channels === 1) return ofImages;
  const turned: Task = {
    name: 'input gradient (direct)',
    used,
    passes: 1,
    run() {
      for (const { gradient, inputGradient } of blocks) {
        kernels.convolve(
          gradient,
          ...result,
          places.turned,
          kernel,
          kernel - 1 - padding,
          inputGradient,
          ...image,
        );
      }
    },
  };
  return [...ofImages, turned];
}
