import { type Fact, known, mapFact, unknown } from '../fact.ts';
import { percent } from '../record.ts';
import type { Epoch, Evidence, Field, RunRecord } from '../record.ts';
import { epochsOf, gapOf, largestDrop, testImages, worstEpoch } from './curve.ts';
import type { Measurement } from './judge.ts';
import { digest } from './receptive-field-table.ts';
import { formatValue, Metric } from './verdict.ts';
import type { Operator, RowProvenance, Target } from './verdict.ts';

/** How a metric is measured on an evidence, and how a promise on it reads. Pure. */
export interface Metre {
  readonly measure: (evidence: Evidence, target: Target) => Measurement;
  /** After the iteration's name: "has at most 8,000 parameters". */
  readonly sentence: (target: Target) => string;
}

/** The stock metrics, by name. */
export const METRES: Readonly<Record<string, Metre>> = {
  [Metric.parameters]: {
    measure: (evidence) => built(evidence, (run) => run.model.parameters),
    sentence: (target) => `has ${amount(target)} parameters`,
  },
  [Metric.multiplyAdds]: {
    measure: (evidence) => built(evidence, (run) => run.model.multiplyAdds),
    sentence: (target) => `needs ${amount(target)} multiply-adds an image`,
  },
  [Metric.receptiveField]: {
    measure: (evidence, target) =>
      built(evidence, (run) => mapFact(run.model.receptiveField, sideThatCounts(target))),
    sentence: (target) => `has a receptive field of ${amount(target)} pixels`,
  },
  [Metric.receptiveFieldTable]: {
    measure: (evidence) => built(evidence, (run) => mapFact(run.model.receptiveFieldTable, digest)),
    sentence: () => 'has the receptive field of the table in every layer',
  },
  [Metric.finalTestAccuracy]: {
    measure: (evidence) => ({
      provenance: measured(evidence),
      images: evidence.runs.map((run) => testImages(last(run))),
    }),
    sentence: (target) => `ends with ${amount(target)} % of the test images right`,
  },
  [Metric.finalTrainAccuracy]: {
    measure: (evidence) => ({
      provenance: believed(evidence),
      images: evidence.runs.map((run): [number, number] => [last(run).trainCorrect, last(run).trainTotal]),
    }),
    sentence: (target) => `ends with ${amount(target)} % of the training images right`,
  },
  [Metric.heldTestAccuracy]: {
    measure: held,
    sentence: ({ target, from = 1, within }) =>
      `holds ${target} % of the test images in every epoch from ${from} to ${within ?? 'the last'}`,
  },
  [Metric.gap]: {
    measure: (evidence) => curve(evidence, gapOf),
    sentence: (target) =>
      `${target.operator.startsWith('>') ? 'overfits by' : 'is ahead on the training images by'} ${amount(target)} points`,
  },
  [Metric.overMajority]: {
    measure: (evidence) => ({
      provenance: measured(evidence),
      values: evidence.runs.map(overMajority),
    }),
    sentence: ({ target }) => `beats always answering the most frequent class by at least ${target} points`,
  },
  [Metric.nonFiniteLosses]: {
    measure: (evidence) =>
      curve(
        evidence,
        ({ epochs }) => epochs.filter((e) => !Number.isFinite(e.trainLoss + e.testLoss)).length,
      ),
    sentence: () => 'has a finite loss in every epoch',
  },
  [Metric.lossRatio]: {
    measure: (evidence) => ({ provenance: believed(evidence), facts: evidence.runs.map(lossRatio) }),
    sentence: ({ target }) => `brings its train loss down to at most ${target} of the first epoch's`,
  },
  [Metric.largestDrop]: {
    measure: (evidence, { from }) => curve(evidence, (run) => largestDrop(run, from ?? 1)),
    sentence: ({ target, from = 1 }) =>
      `never loses more than ${target} points from one epoch to the next, from epoch ${from} on`,
  },
  [Metric.deadChannels]: {
    measure: deadChannels,
    sentence: (target) => `has ${amount(target)} dead channels`,
  },
};

/** The metric without the label that tells two targets on it apart. */
export function metreOf({ metric }: Pick<Target, 'metric'>): Metre | undefined {
  return METRES[metric.replace(/ \(.*\)$/, '')];
}

function built(evidence: Evidence, fact: (run: RunRecord) => Fact<number | string>): Measurement {
  return { provenance: 'built', facts: evidence.runs.map(fact) };
}

/** Of all epochs: only a training run tells of those before the last. */
function curve(evidence: Evidence, value: (run: RunRecord) => number | null): Measurement {
  return { provenance: believed(evidence), values: evidence.runs.map(value) };
}

/** Measuring the weights again tells nothing of train figures and of earlier epochs: those are the record's word. */
function believed({ provenance }: Evidence): RowProvenance {
  return provenance === 're-evaluated' ? 'recorded' : provenance;
}

/** What the weights say can be measured again only where they are: a run of a study is known by their hash alone. */
function measured(evidence: Evidence): RowProvenance {
  return evidence.runs.every(({ weights }) => weights.file !== '') ? evidence.provenance : believed(evidence);
}

function held(evidence: Evidence, { from = 1, within }: Target): Measurement {
  const shortest = Math.min(...evidence.runs.map(({ epochs }) => epochs.length));
  const end = within ?? shortest;
  if (shortest < end || shortest < from) {
    const detail = `trained for ${shortest} epochs, ${Math.max(end, from)} are promised`;
    return { provenance: believed(evidence), values: evidence.runs.map(() => null), detail };
  }
  const worst = evidence.runs.map((run) => worstEpoch(epochsOf(run, from, end)));
  const weakest = worst.reduce((a, b) => (b.testCorrect < a.testCorrect ? b : a));
  return {
    provenance: from === shortest ? measured(evidence) : believed(evidence),
    images: worst.map(testImages),
    detail: `worst epoch: ${weakest.epoch}`,
  };
}

function deadChannels(evidence: Evidence): Measurement {
  const dead = evidence.runs.map((run) => mapFact(run.deadChannels, (found) => found.dead));
  const named = dead.flatMap((fact) => (fact.known ? fact.value : [])).join(', ');
  return {
    provenance: measured(evidence),
    facts: dead.map((fact) => mapFact(fact, ({ length }) => length)),
    ...(named === '' ? {} : { detail: named }),
  };
}

function lossRatio({ epochs }: RunRecord): Fact {
  const [first, final] = [epochs[0]!, epochs.at(-1)!];
  const lost = [first, final].find(({ trainLoss }) => !Number.isFinite(trainLoss));
  if (lost) return unknown(`the train loss of epoch ${lost.epoch} is ${lost.trainLoss}`);
  return first.trainLoss > 0
    ? known(final.trainLoss / first.trainLoss)
    : unknown(`the train loss of epoch ${first.epoch} is ${first.trainLoss}: nothing is left to fall`);
}

function overMajority(run: RunRecord): number {
  const perClass = run.confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = perClass.reduce((sum, count) => sum + count, 0);
  return percent(...testImages(last(run))) - percent(Math.max(...perClass), total);
}

/** Of the two axes the one that keeps the promise less well, pixels. */
function sideThatCounts({ operator, target }: Target): (field: Field) => number {
  return ({ height, width }) => {
    if (operator === '==') return height === target ? width : height;
    return operator === '<' || operator === '<=' ? Math.max(height, width) : Math.min(height, width);
  };
}

const WORDS: Readonly<Record<Operator, string>> = {
  '<': 'fewer than',
  '<=': 'at most',
  '==': 'exactly',
  '>=': 'at least',
  '>': 'more than',
};

function amount({ operator, target }: Target): string {
  return `${WORDS[operator]} ${formatValue(target, '')}`;
}

function last(run: RunRecord): Epoch {
  return run.epochs.at(-1)!;
}
