import { networkOfTokens } from '../../spec/corpus/tokens.ts';
import { corpusOf } from '../../spec/corpus/corpus.ts';
import { graphOf, multiplyAddsOf } from '../../src/model/graph.ts';
import { messageOf } from '../../src/errors.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { type Contestant, nodeStart, type Start, startContestant } from './contestant-process.ts';
import { pytorchStart } from './pytorch.ts';
import { medianOf, pairedRatio } from './statistics.ts';

const RECIPE: Recipe = {
  epochs: 1,
  batch: 64,
  schedule: { type: 'constant', learningRate: 0.01 },
  momentum: 0.9,
  weightDecay: 1e-4,
};
/** Beside the two steps whose losses are compared. */
const WARM_UP = 1;
/** What a turn of one contestant should take at least, so that the clock and other processes matter little. */
const TURN_MILLISECONDS = 120;
const MOST_STEPS = 40;
/** A step that takes seconds is measured well enough by two. */
const SLOW_MILLISECONDS = 2_000;
const SLOW_ROUNDS = 2;
/** Losses may differ by rounding, and by no more. */
const LOSS_TOLERANCE = 1e-3;

export interface NetworkFigures {
  readonly id: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Median milliseconds of a step of 64 images on one thread. */
  readonly own: number;
  /** Undefined where it breaks off: the address space of WASM has an end, and plain operations keep every intermediate. */
  readonly plain: number | undefined;
  readonly pytorch: number | undefined;
  /** Median over the rounds of the other's time by the own one. */
  readonly timesPlain: number | undefined;
  readonly timesPytorch: number | undefined;
}

export interface CorpusStepOptions {
  readonly ids: readonly string[];
  readonly rounds: number;
  /** Undefined: without PyTorch. */
  readonly python: string | undefined;
  readonly onDone: (figures: NetworkFigures) => void;
  readonly onAbsent: (line: string) => void;
}

/** The step of each network by the own engine, by plain operations of WASM and by eager PyTorch, in turns, on one thread. */
export async function measureNetworks(options: CorpusStepOptions): Promise<NetworkFigures[]> {
  const found: NetworkFigures[] = [];
  for (const entry of corpusOf().filter(({ id }) => options.ids.includes(id))) {
    const figures = await measureNetwork(entry.id, networkOfTokens(entry), options);
    options.onDone(figures);
    found.push(figures);
  }
  return found;
}

async function measureNetwork(
  id: string,
  network: ReturnType<typeof networkOfTokens>,
  { rounds, python, onAbsent }: CorpusStepOptions,
): Promise<NetworkFigures> {
  const task = { network, recipe: RECIPE };
  const common = { task, threads: 1, warmup: WARM_UP };
  const starts: [name: string, start: Start][] = [
    ['own', nodeStart({ ...common, kind: 'own' })],
    ['plain', nodeStart({ ...common, kind: 'stock' })],
    ...(python === undefined
      ? []
      : [['pytorch', pytorchStart({ ...task, threads: 1, warmup: WARM_UP, python })] as [string, Start]]),
  ];
  let isSlow = false;
  const turns: { name: string; contestant: Contestant; steps: number; rounds: number[] }[] = [];
  try {
    for (const [name, start] of starts) {
      const contestant = await startContestant(start).catch(messageOf);
      if (typeof contestant === 'string') {
        if (name !== 'plain') throw new Error(`${id}: ${name} cannot take part: ${contestant}`);
        onAbsent(
          `${id}: plain operations break off (${contestant.split('\n').find((line) => line.includes('Error')) ?? contestant})`,
        );
        continue;
      }
      const [first] = await contestant.run(1);
      isSlow ||= first! > SLOW_MILLISECONDS;
      const steps = Math.max(1, Math.min(MOST_STEPS, Math.ceil(TURN_MILLISECONDS / first!)));
      turns.push({ name, contestant, steps, rounds: [] });
    }
    checkEqualWork(id, turns);
    for (let round = 0; round < (isSlow ? Math.min(rounds, SLOW_ROUNDS) : rounds); round++) {
      for (const turn of turns) turn.rounds.push(medianOf(await turn.contestant.run(turn.steps)));
    }
  } finally {
    for (const { contestant } of turns) contestant.leave();
  }
  const roundsOf = (name: string) => turns.find((turn) => turn.name === name)?.rounds;
  const [own, plain, pytorch] = [roundsOf('own')!, roundsOf('plain'), roundsOf('pytorch')];
  return {
    id,
    parameters: turns[0]!.contestant.parameters,
    multiplyAdds: multiplyAddsOf(graphOf(network)),
    own: medianOf(own),
    plain: plain && medianOf(plain),
    pytorch: pytorch && medianOf(pytorch),
    timesPlain: plain && pairedRatio(plain, own),
    timesPytorch: pytorch && pairedRatio(pytorch, own),
  };
}

/** Throws where two train another number of parameters or find other losses. */
function checkEqualWork(id: string, turns: readonly { name: string; contestant: Contestant }[]): void {
  const own = turns[0]!.contestant;
  for (const { name, contestant } of turns) {
    if (contestant.parameters !== own.parameters) {
      throw new Error(
        `${id}: ${name} trains ${contestant.parameters} parameters, the own engine ${own.parameters}`,
      );
    }
    contestant.losses?.forEach((loss, i) => {
      const expected = own.losses![i]!;
      if (!(Math.abs(loss - expected) <= LOSS_TOLERANCE * Math.abs(expected)))
        throw new Error(`${id}: ${name} has the loss ${loss} in step ${i + 1}, the own engine ${expected}`);
    });
  }
}

/** Geometric mean. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
