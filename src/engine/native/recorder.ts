import type { DescribedKernel } from './descriptor.ts';
import type { AddableLanes, Buffer, Emit, Field, Lanes, Later, Strided, WeightPlaces } from './emit.ts';
import { addressOf, bufferOf, FLOAT_BYTES, lanesOf } from './buffers.ts';
import { weightUsesOf } from './weight-uses.ts';
import { type Contribution, type Reading, readingKey, settleContributions } from './contributions.ts';

/** A node of the graph, or several that are computed as one. Value 0 is the image; unit i computes value i + 1. */
export interface Unit {
  /** Of its layer, or of the layers that it joins, for messages. */
  readonly name: string;
  readonly reads: readonly number[];
  /** Of one image's output. */
  readonly shape: readonly number[];
  readonly weights: Readonly<Record<string, WeightPlaces>>;
  readonly compile: (emit: Emit) => void;
}

/** A kernel and what its descriptor will hold. */
export interface Call {
  readonly kernel: DescribedKernel;
  readonly fields: Readonly<Record<string, Field>>;
}

/** `each` runs for every block, in order, then, when all blocks are through, `once`. */
export interface RecordedPhase {
  readonly each: readonly Call[];
  readonly once: readonly Call[];
}

/** What the units said, in the order in which it will run. */
export interface Recording {
  readonly prepare: readonly Call[];
  readonly phases: readonly RecordedPhase[];
  readonly finish: readonly Call[];
  /** Runs once after that. */
  readonly addUp: readonly Call[];
  /** Buffers that must be 0 before a step, each thread its own shards. */
  readonly sums: readonly Buffer[];
  /** Buffers that are one: a gradient written by a single node is where that node wrote it. */
  readonly same: ReadonlyMap<Buffer, Buffer>;
  /** [buffer, the buffer in whose place it may lie from its first use on, if nobody needs that any more]. */
  readonly inPlace: readonly (readonly [Buffer, Buffer])[];
  readonly dropouts: number;
  readonly shardCount: number;
  readonly constants: readonly { readonly buffer: Buffer; readonly value: number; readonly floats: number }[];
  /** Where images are laid. */
  readonly image: Lanes;
  /** Whether a reader of a value, by this input of it, adds to the gradient that is there. */
  adds(reading: Reading): boolean;
}

export interface RecordOptions {
  /** [height, width, channels] of an image. */
  readonly image: readonly number[];
  readonly training: boolean;
  /** Addresses that outlive a program. */
  readonly order: Later;
  readonly dropoutKeys: Buffer;
  readonly measure: Emit['measure'];
  readonly shardCount: number;
  /** f64 [loss, correct images] a shard. */
  readonly tally: Buffer;
}

interface Value {
  readonly lanes: Lanes;
  readonly level: number;
  readonly needsGradient: boolean;
  readonly gradient: Lanes;
}

interface Levels {
  readonly each: Call[][];
  readonly once: Call[][];
}

/** Has every unit say which kernels compute it; throws where an op breaks the rules of `Emit`. */
export function record(units: readonly Unit[], options: RecordOptions): Recording {
  const { image, training } = options;
  const values: Value[] = [
    { lanes: lanesOf(image), level: 0, needsGradient: false, gradient: lanesOf(image) },
  ];
  const forward: Levels = { each: [], once: [] };
  const backward = new Map<number, { level: number; calls: Call[]; once: Call[] }[]>();
  const contributions: Contribution[] = [];
  const prepare: Call[] = [];
  const finish: Call[] = [];
  const sums: Buffer[] = [options.tally];
  const constants: { buffer: Buffer; value: number; floats: number }[] = [];
  const inPlace: [Buffer, Buffer][] = [];
  const { placesOf, addUp } = weightUsesOf(units);
  let dropouts = 0;

  units.forEach((unit, index) => {
    const inputs = unit.reads.map((value) => values[value]!);
    const inLevel = Math.max(...inputs.map(({ level }) => level));
    const trains = Object.values(unit.weights).some(({ gradient }) => gradient !== undefined);
    const needsGradient = training && (trains || inputs.some((input) => input.needsGradient));
    const output: Value = {
      lanes: lanesOf(unit.shape),
      gradient: lanesOf(unit.shape),
      level: 0,
      needsGradient,
    };
    let level = inLevel;
    const parts: { calls: Call[]; once: Call[] }[] = [{ calls: [], once: [] }];
    const asked = new Set<number>();
    const contribute = (at: number, own?: Lanes) => {
      asked.add(at);
      contributions.push({
        value: unit.reads[at]!,
        reader: index,
        input: at,
        level: inLevel,
        ...(own && { own }),
      });
    };
    unit.compile({
      training,
      measure: options.measure,
      shardCount: options.shardCount,
      constant(value, floats) {
        const buffer: Buffer = { per: 'program', bytes: floats * FLOAT_BYTES };
        constants.push({ buffer, value, floats });
        return addressOf(buffer);
      },
      inputs: inputs.map(({ lanes }) => lanes),
      output: output.lanes,
      order: options.order,
      weight(name) {
        const weight = unit.weights[name];
        if (weight === undefined) throw new Error(`${unit.name}: it has no weight called ${name}`);
        return placesOf(index, weight);
      },
      outputGradient: () => output.gradient,
      inputGradient(at) {
        if (!inputs[at]!.needsGradient) return undefined;
        const own = lanesOf(inputs[at]!.lanes.shape);
        contribute(at, own);
        return own;
      },
      addableInputGradient(at): AddableLanes | undefined {
        if (!inputs[at]!.needsGradient) return undefined;
        contribute(at);
        const adds: Later = { kind: 'adds', value: unit.reads[at]!, reader: index, input: at };
        return { ...inputs[at]!.gradient, adds };
      },
      block: (floats) => lanesOf([floats]),
      scratch: (bytes) => addressOf({ per: 'thread', bytes }),
      shared: (bytes) => addressOf({ per: 'program', bytes }),
      shards: (bytes) => shardsOf(sums, bytes),
      gradientSums(weight) {
        const places = shardsOf(sums, weight.floats * FLOAT_BYTES);
        const fields = { sums: places.at, sumsStride: places.stride, shards: options.shardCount };
        const gradient = weight.gradient ?? 0;
        finish.push({ kernel: 'foldSums', fields: { ...fields, count: weight.floats, gradient } });
        return places;
      },
      mayReplace: (lanes, old) => void inPlace.push([bufferOf(lanes), bufferOf(old)]),
      dropoutKey: () => ({ kind: 'address', buffer: options.dropoutKeys, offset: 4 * dropouts++ }),
      forward: (kernel, fields) => void at(forward.each, level).push({ kernel, fields }),
      meet(kernel, fields) {
        at(forward.once, level).push({ kernel, fields });
        level++;
      },
      prepare: (kernel, fields) => void prepare.push({ kernel, fields }),
      backward(kernel, fields) {
        if (needsGradient) parts.at(-1)!.calls.push({ kernel, fields });
      },
      meetBackward(kernel, fields) {
        parts.at(-1)!.once.push({ kernel, fields });
        parts.push({ calls: [], once: [] });
      },
      finish(kernel, fields) {
        if (needsGradient) finish.push({ kernel, fields });
      },
    });
    if (needsGradient) {
      if (parts.length - 1 !== level - inLevel) {
        throw new Error(
          `${unit.name}: it meets ${level - inLevel} times forward, ${parts.length - 1} times backward`,
        );
      }
      const missing = inputs.findIndex((input, i) => input.needsGradient && !asked.has(i));
      if (missing >= 0) throw new Error(`${unit.name}: it leaves out the gradient by its input ${missing}`);
      const top = level;
      backward.set(
        index,
        parts.map((part, i) => ({ ...part, level: top - i })),
      );
    }
    values.push({ ...output, level });
  });

  const same = new Map<Buffer, Buffer>();
  const adds = settleContributions(
    contributions,
    values.map(({ gradient }) => gradient),
    backward,
    same,
  );
  return {
    prepare,
    phases: training ? stepPhases(forward, backward, units.length) : phasesOf(forward),
    finish,
    addUp,
    sums,
    same,
    inPlace,
    dropouts,
    shardCount: options.shardCount,
    constants,
    image: values[0]!.lanes,
    adds: (reading) => adds.has(readingKey(reading)),
  };
}

function phasesOf({ each, once }: Levels): RecordedPhase[] {
  return Array.from({ length: Math.max(each.length, once.length) }, (_, level) => ({
    each: each[level] ?? [],
    once: once[level] ?? [],
  }));
}

/** Forward level by level; the gradient of the last level in the same phase, then back to the first. */
function stepPhases(
  forward: Levels,
  backward: ReadonlyMap<number, readonly { level: number; calls: Call[]; once: Call[] }[]>,
  units: number,
): RecordedPhase[] {
  const gradients: Levels = { each: [], once: [] };
  for (let unit = units - 1; unit >= 0; unit--) {
    for (const { level, calls, once } of backward.get(unit) ?? []) {
      at(gradients.each, level).push(...calls);
      at(gradients.once, level).push(...once);
    }
  }
  const ahead = phasesOf(forward);
  const back = phasesOf(gradients).toReversed();
  const top = ahead.pop()!;
  const [turn, ...rest] = back;
  return [...ahead, { each: [...top.each, ...turn!.each], once: [...top.once, ...turn!.once] }, ...rest];
}

function at<T>(levels: T[][], level: number): T[] {
  while (levels.length <= level) levels.push([]);
  return levels[level]!;
}

function shardsOf(sums: Buffer[], bytes: number): Strided {
  // A cache line more than it holds: kernels write back what stands behind it.
  const buffer: Buffer = { per: 'shard', bytes: Math.ceil(bytes / 64) * 64 + 64 };
  sums.push(buffer);
  return { at: addressOf(buffer), stride: { kind: 'stride', buffer } };
}
