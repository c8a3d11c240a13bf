import type { Iteration } from '../../src/iterations/define.ts';
import { type Contestant, nodeStart, type Start, startContestant } from './contestant-process.ts';
import { convolutionsOf } from './kernels.ts';
import { gflops, stepOperations } from './operations.ts';
import { peakMeter } from './peak.ts';
import { pytorchStart } from './pytorch.ts';
import type { StepFigures } from './schema.ts';
import { medianOf, pairedRatio } from './statistics.ts';

/** Losses may differ by rounding, and by no more. */
const LOSS_TOLERANCE = 1e-3;
const THREADS = [1, 2] as const;

export interface StepOptions {
  readonly iteration: Iteration;
  readonly rounds: number;
  /** Rounds in which the slow contestants (naive, cpu) take part. */
  readonly slowRounds: number;
  /** Steps a round of the fast contestants. */
  readonly steps: number;
  /** Images of a step of the cpu backend, which takes seconds for a batch; its time is scaled up to the batch. */
  readonly cpuImages: number;
  readonly python: string;
  readonly onRound: (done: number) => void;
}

export interface StepResults {
  readonly steps: readonly StepFigures[];
  readonly peaks: readonly number[];
  /** By contestant: what it is, or why it did not take part. */
  readonly notes: Readonly<Record<string, string>>;
}

type Kind = keyof StepFigures['milliseconds'];

interface Entry {
  readonly kind: Kind;
  /** Of the contestant itself; the stock compositions and the cpu backend know only one. */
  readonly threads: number;
  readonly name: string;
  readonly start: Start;
  /** What its times are multiplied by. */
  readonly scale: number;
  readonly isSlow: boolean;
  readonly isOptional: boolean;
}

interface Row extends Entry {
  readonly contestant: Contestant;
  /** Median of each round. */
  readonly rounds: (number | undefined)[];
  readonly all: number[];
}

/** The training step of one iteration by every contestant there is, in turns. Throws where two compute different things. */
export async function measureSteps(options: StepOptions): Promise<StepResults> {
  const { iteration, rounds, slowRounds, steps, onRound } = options;
  const notes: Record<string, string> = {};
  const rows: Row[] = [];
  try {
    const absent = new Set<Kind>();
    for (const entry of entriesOf(options)) {
      // What is missing for one thread is missing for two.
      if (absent.has(entry.kind)) continue;
      const contestant = await startContestant(entry.start);
      if (typeof contestant !== 'string') {
        notes[entry.name] = contestant.about + scaled(entry, options);
        rows.push({ ...entry, contestant, rounds: [], all: [] });
      } else if (entry.isOptional) {
        notes[entry.kind] = `not measured: ${contestant}`;
        absent.add(entry.kind);
      } else throw new Error(`${entry.name} cannot take part: ${contestant}`);
    }
    checkEqualWork(rows);
    const peak = peakMeter();
    const peaks: number[] = [];
    for (let round = 0; round < rounds; round++) {
      peaks.push(peak());
      for (const row of rows) {
        if (row.isSlow && round >= slowRounds) row.rounds.push(undefined);
        else {
          const times = await row.contestant.run(row.isSlow ? 1 : steps);
          const samples = times.map((time) => time * row.scale);
          row.rounds.push(medianOf(samples));
          row.all.push(...samples);
        }
      }
      onRound(round + 1);
    }
    const figures = THREADS.map((threads) => figuresOf(iteration, threads, rows, peaks));
    return { steps: figures, peaks, notes };
  } finally {
    for (const { contestant } of rows) contestant.leave();
  }
}

function scaled({ scale }: Entry, { cpuImages }: StepOptions): string {
  return scale === 1 ? '' : `, measured on batches of ${cpuImages}, times ${scale}`;
}

function entriesOf({ iteration, python, steps, cpuImages }: StepOptions): Entry[] {
  const { network, recipe } = iteration;
  const inNode = (kind: Kind, threads: number, env: Record<string, string> = {}): Start => {
    const warmup = kind === 'naive' || kind === 'cpu' ? 0 : steps;
    const images = kind === 'cpu' ? cpuImages : undefined;
    return nodeStart({ kind, task: { network, recipe }, threads, warmup, env, ...(images && { images }) });
  };
  const entry = (kind: Kind, threads: number, start: Start): Entry => ({
    kind,
    threads,
    name: kind === 'own' || kind === 'tfjsNode' || kind === 'pytorch' ? `${kind}, threads ${threads}` : kind,
    start,
    scale: kind === 'cpu' ? iteration.recipe.batch / cpuImages : 1,
    isSlow: kind === 'naive' || kind === 'cpu',
    isOptional: kind === 'tfjsNode' || kind === 'pytorch',
  });
  return [
    ...THREADS.map((threads) => entry('own', threads, inNode('own', threads))),
    ...(['stock', 'naive', 'cpu'] as const).map((kind) => entry(kind, 1, inNode(kind, 1))),
    ...THREADS.map((threads) => {
      const env = { TF_NUM_INTRAOP_THREADS: `${threads}`, TF_NUM_INTEROP_THREADS: '1' };
      return entry('tfjsNode', threads, inNode('tfjsNode', threads, env));
    }),
    ...THREADS.map((threads) =>
      entry('pytorch', threads, pytorchStart({ network, recipe, threads, python, warmup: steps })),
    ),
  ];
}

function checkEqualWork(rows: readonly Row[]): void {
  const own = rows.find(({ kind }) => kind === 'own')!;
  for (const { name, contestant } of rows) {
    const { parameters, losses = own.contestant.losses! } = contestant;
    if (parameters !== own.contestant.parameters) {
      throw new Error(`${name} trains ${parameters} parameters, the own engine ${own.contestant.parameters}`);
    }
    losses.forEach((loss, i) => {
      const expected = own.contestant.losses![i]!;
      if (!(Math.abs(loss - expected) <= LOSS_TOLERANCE * Math.abs(expected))) {
        throw new Error(
          `${name} computes something else: loss ${loss} in step ${i + 1}, expected ${expected}`,
        );
      }
    });
  }
}

function figuresOf(
  { id, network, recipe }: Iteration,
  threads: number,
  rows: readonly Row[],
  peaks: readonly number[],
): StepFigures {
  const operations = stepOperations(convolutionsOf(network), recipe.batch);
  const taking = (kind: Kind) =>
    rows.find((row) => row.kind === kind && row.threads === threads) ?? rows.find((row) => row.kind === kind);
  const own = taking('own')!;
  const present = (['own', 'stock', 'naive', 'cpu', 'tfjsNode', 'pytorch'] as const).flatMap((kind) => {
    const row = taking(kind);
    return row ? [{ kind, row }] : [];
  });
  const each = (compute: (row: Row) => number, among = present) =>
    Object.fromEntries(among.map(({ kind, row }) => [kind, compute(row)]));
  const others = present.filter(({ kind }) => kind !== 'own');
  const milliseconds = medianOf(own.all);
  return {
    iteration: id,
    batch: recipe.batch,
    threads,
    gflops: gflops(operations, milliseconds),
    shareOfPeak: pairedRatio(
      own.rounds.map((sample) => gflops(operations, sample!)),
      peaks.map((peak) => threads * peak),
    ),
    bestShareOfPeak: gflops(operations, Math.min(...own.all)) / (threads * Math.max(...peaks)),
    milliseconds: each(({ all }) => medianOf(all)) as StepFigures['milliseconds'],
    minima: each(({ all }) => Math.min(...all)) as StepFigures['minima'],
    timesFaster: each(({ rounds }) => pairedRatio(rounds, own.rounds), others) as StepFigures['timesFaster'],
  };
}
