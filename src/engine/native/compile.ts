import { imageSize } from '../../data/dataset.ts';
import type { ReadModel } from '../../model/network-of.ts';
import type { CrewPlaces } from './crew.ts';
import { addressOf } from './buffers.ts';
import { claimBytes } from './claims.ts';
import type { Buffer, Strided } from './emit.ts';
import { IMAGE_BYTES } from './images.ts';
import { LANES, SHARDS } from './lanes.ts';
import { createMemory, FIRST_FREE_ADDRESS, loadKernels } from './module.ts';
import { layProgram, type Laid, type Program } from './program.ts';
import { record, type RecordOptions, type Unit } from './recorder.ts';
import { type NativePlan, unitsOf } from './units.ts';
import { compileLoss } from './units/head.ts';
import { SQUARES_BYTES, UPDATE_BYTES, type UpdatePlaces } from './update.ts';
import { weightBookOf, weightPlaces, type WeightBook } from './weights.ts';

/** Images that an evaluation is given at once. */
export const EVALUATION_IMAGES = 1024;
const CACHE_LINE = 64;

export interface CompileOptions {
  readonly read: ReadModel;
  readonly plan: NativePlan;
  readonly batch: number;
  readonly threads: number;
  /** False: for evaluation alone. */
  readonly trains: boolean;
}

/** A network's step and evaluation, and where everything that outlives them lies. */
export interface Compiled {
  readonly step?: Program;
  readonly evaluation: Program;
  readonly bytes: number;
  readonly places: CrewPlaces;
  readonly update: UpdatePlaces;
  readonly book: WeightBook;
  readonly addresses: Readonly<Record<keyof WeightBook['buffers'], number>>;
  readonly order: number;
  /** u32, one a dropout. */
  readonly dropoutKeys: number;
  readonly dropouts: number;
  /** f64 [loss, correct images] a shard. */
  readonly tally: number;
  readonly tallyStride: number;
  /** u16 an image. */
  readonly predictions: number;
  write(memory: WebAssembly.Memory): void;
}

/** Description -> units -> kernels -> places in memory, for training and for evaluation. */
export function compileNetwork(options: CompileOptions): Compiled {
  const { read, plan, batch, threads, trains } = options;
  const book = weightBookOf(read);
  const [height, width, channels] = read.network.input;
  const pixels = imageSize({ height, width, channels });
  const places = takeFrom(FIRST_FREE_ADDRESS);
  const fixed = new Map<Buffer, number>();
  const keep = (buffer: Buffer, copies = 1) => {
    const address = places.take(buffer.bytes * copies);
    fixed.set(buffer, address);
    return address;
  };
  const addresses = Object.fromEntries(
    Object.entries(book.buffers).map(([name, buffer]) => [name, keep(buffer)]),
  ) as Compiled['addresses'];
  const images = Math.max(EVALUATION_IMAGES, Math.ceil(batch / LANES) * LANES);
  const perBlock = (): Buffer => ({ per: 'block', bytes: 2 * LANES });
  const [labels, predictions, stagedLabels] = [perBlock(), perBlock(), perBlock()];
  const order: Buffer = { per: 'program', bytes: CACHE_LINE };
  const keys: Buffer = { per: 'program', bytes: 4 * Math.max(1, plan.steps.length) };
  const tally: Buffer = { per: 'shard', bytes: 2 * CACHE_LINE };
  const blocks = images / LANES;
  for (const buffer of [labels, predictions, stagedLabels]) keep(buffer, blocks);
  for (const buffer of [order, keys]) keep(buffer);
  // As far apart as the plan of memory says.
  const tallyStride = tally.bytes + CACHE_LINE;
  fixed.set(tally, places.take(SHARDS * tallyStride));

  const recorder = (training: boolean, labelled: Buffer) => {
    const recordOptions: RecordOptions = {
      image: read.network.input,
      training,
      order: addressOf(order),
      dropoutKeys: keys,
      measure: measurer(),
      shardCount: training ? shardsOf(batch) : SHARDS,
      tally,
    };
    const units = unitsOf(plan, (layer) => weightPlaces(book, layer, training));
    const loss: Unit = {
      name: 'the loss',
      reads: [units.length],
      shape: [1],
      weights: {},
      compile: (emit) =>
        compileLoss(emit, { labels: strided(labelled), predictions: strided(predictions) }, strided(tally)),
    };
    return record([...units, loss], recordOptions);
  };
  const evaluating = recorder(false, labels);
  const stepping = trains ? recorder(true, labels) : undefined;
  const table = places.take(channels * 1024);
  const own = () => ({
    descriptor: places.take(IMAGE_BYTES),
    pixels: places.take(pixels),
    ownTable: places.take(channels * 1024),
  });
  const crew: CrewPlaces = {
    meeting: places.take(CACHE_LINE),
    start: places.take(CACHE_LINE),
    claims: places.take(
      claimBytes(Math.max(evaluating.phases.length, stepping?.phases.length ?? 0), threads),
    ),
    order: places.take(CACHE_LINE),
    indices: places.take(4 * batch),
    labels: fixed.get(labels)!,
    staged: places.take(EVALUATION_IMAGES * pixels),
    stagedLabels: fixed.get(stagedLabels)!,
    stagedImages: EVALUATION_IMAGES,
    update: places.take(UPDATE_BYTES),
    table,
    imagePlaces: Array.from({ length: threads }, () => ({ step: own(), evaluation: own() })),
  };
  const squares = places.take(SQUARES_BYTES);
  const lay = { fixed, threads };
  const evaluation = layProgram(evaluating, { ...lay, start: places.end(), blocks });
  const step: Laid | undefined =
    stepping && layProgram(stepping, { ...lay, start: evaluation.end, blocks: Math.ceil(batch / LANES) });
  const { count, movingCount } = book;
  return {
    ...(step && { step: step.program }),
    evaluation: evaluation.program,
    bytes: step?.end ?? evaluation.end,
    places: crew,
    update: { ...addresses, squares, count, movingCount },
    book,
    addresses,
    order: fixed.get(order)!,
    dropoutKeys: fixed.get(keys)!,
    dropouts: stepping?.dropouts ?? 0,
    tally: fixed.get(tally)!,
    tallyStride,
    predictions: fixed.get(predictions)!,
    write(memory) {
      evaluation.write(memory);
      step?.write(memory);
    },
  };
}

/** Shards that a whole batch has blocks for. */
function shardsOf(batch: number): number {
  const blocks = Math.ceil(batch / LANES);
  return Math.ceil(blocks / Math.ceil(blocks / SHARDS));
}

function takeFrom(start: number) {
  let next = start;
  return {
    end: () => next,
    take(bytes: number) {
      const address = next;
      next += Math.ceil(bytes / CACHE_LINE) * CACHE_LINE + CACHE_LINE;
      return address;
    },
  };
}

function measurer(): RecordOptions['measure'] {
  const kernels = loadKernels(createMemory(FIRST_FREE_ADDRESS));
  return (kernel, ...[side = 0, height = 0, width = 0, channels = 0, outChannels = 0]) =>
    kernels[kernel](side, height, width, channels, outChannels);
}

function strided(buffer: Buffer): Strided {
  return { at: addressOf(buffer), stride: { kind: 'stride', buffer } };
}
