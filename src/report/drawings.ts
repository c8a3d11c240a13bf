import { drawConfusion } from '../drawing/confusion.ts';
import { drawCost, type Priced } from '../drawing/cost.ts';
import { drawCurves } from '../drawing/curves.ts';
import { drawLadder } from '../drawing/ladder.ts';
import { drawLearningRate } from '../drawing/learning-rate.ts';
import { type Digit, drawNetwork } from '../drawing/network.ts';
import { drawSeeds } from '../drawing/seeds.ts';
import type { Drawing } from '../drawing/svg.ts';
import type { Run } from '../drawing/zoom.ts';
import { Metric } from '../gates/verdict.ts';
import { describeFact, describeField } from '../record.ts';
import { lineOf, NAME, numberOf } from './described.ts';
import type { Described } from './summary.ts';
import { oneLine } from './text.ts';

/** The drawings of a summary, with the words that a screen reader says instead. Pure. */

/** The curves of all iterations side by side. */
export function ladderOf(iterations: readonly Described[]): Drawing {
  const at = lineOf(iterations);
  const rungs = iterations.map((iteration) => ({
    name: `${numberOf(iteration)} ${oneLine(iteration.name, NAME)}`,
    about: `${describeFact(iteration.parameters)} parameters`,
    runs: iteration.runs.map(runOf),
  }));
  const ends = iterations.map((iteration) => `${nameOf(iteration)} ends at ${perCent(last(iteration))}`);
  const words = {
    title: `Test accuracy of ${count(iterations.length, 'iteration')} over the epochs`,
    description: `The line to reach is ${at} %. ${ends.join('; ')}.`,
  };
  return drawLadder(words, rungs, at);
}

/** The curves of one iteration, with the window that its target speaks of, and the base's where one is known. */
export function curvesOf(iteration: Described): Drawing {
  const { runs, consistentAt, consistentFrom, testAccuracy, baseTestAccuracy } = iteration;
  const held = iteration.targets.find(({ metric }) => metric === Metric.heldTestAccuracy);
  const line = {
    at: consistentAt,
    ...(held?.from === undefined ? {} : { from: held.from }),
    ...(held?.within === undefined ? {} : { to: held.within }),
  };
  const description =
    consistentFrom === null
      ? `Test accuracy ends at ${perCent(last(iteration))} and does not stay at or above ${consistentAt} %.`
      : `Test accuracy is at or above ${consistentAt} % from epoch ${consistentFrom} to ${testAccuracy.length} and ends at ${perCent(last(iteration))}.`;
  const seeds = runs.length > 1 ? ` ${runs.length} seeds; the first one is the thick line.` : '';
  const base = baseTestAccuracy
    ? ` At the base it ends at ${perCent(baseTestAccuracy.at(-1) ?? 0)}: the thin broken line.`
    : '';
  const words = {
    title: `Accuracy of ${nameOf(iteration)} over the epochs`,
    description: `${description}${seeds}${base}`,
  };
  return drawCurves(words, runs.map(runOf), line, baseTestAccuracy);
}

/** Test accuracy against parameters; an iteration whose parameters are not known is left out. */
export function costOf(iterations: readonly Described[], published: readonly Priced[]): Drawing {
  const ours = iterations.flatMap(({ parameters, runs, ...iteration }) =>
    parameters.known
      ? [
          {
            label: numberOf(iteration),
            parameters: parameters.value,
            accuracies: runs.map(({ testAccuracy }) => testAccuracy.at(-1) ?? 0),
          },
        ]
      : [],
  );
  const sizes = ours.map(({ parameters }) => parameters);
  const words = {
    title: 'Test accuracy against parameters',
    description: `${count(ours.length, 'iteration')} of ${Math.min(...sizes).toLocaleString('en-US')} to ${Math.max(...sizes).toLocaleString('en-US')} parameters${published.length > 0 ? ', beside the published ones' : ''}.`,
  };
  return drawCost(words, ours, published, lineOf(iterations));
}

/** The confusion matrix of the first run. */
export function confusionOf(iteration: Described): Drawing {
  const mistakes = iteration.confusion.flat().reduce((sum, count) => sum + count, 0) - diagonal(iteration);
  const words = {
    title: `Confusion matrix of ${nameOf(iteration)}`,
    description: `${count(mistakes, 'mistake')} on the test images: rows are the true classes, columns the classes read.`,
  };
  return drawConfusion(words, iteration.confusion);
}

/** The network as a diagram; undefined where its receptive field is not known. */
export function networkOf(iteration: Described, digit?: Digit): Drawing | undefined {
  const { receptiveFieldTable: table, receptiveField, layers } = iteration;
  if (!table.known || table.value.length === 0) return undefined;
  const size = table.value[0]!.inputSize;
  const steps = table.value.map((row) => {
    const channels = layers.find(({ layer }) => layer === row.layerName)?.output.at(-1);
    return {
      ...row,
      operation: oneLine(row.operation, NAME),
      field: row.receptiveFieldOut,
      ...(typeof channels === 'number' ? { channels } : {}),
    };
  });
  const words = {
    title: `The network of ${nameOf(iteration)}`,
    description: `${count(steps.length, 'layer')} over an image of ${size} pixels; one output sees ${describeField(receptiveField)} pixels. ${steps.map(({ operation, outputSize, field }) => `${operation}: map of ${outputSize}, field of ${field}`).join('; ')}.`,
  };
  return drawNetwork(words, size, steps, digit?.size === size ? digit : undefined);
}

/** The learning rate at the end of every epoch of the first run. */
export function learningRateOf(iteration: Described): Drawing {
  const { learningRate } = iteration;
  const words = {
    title: `Learning rate of ${nameOf(iteration)}`,
    description: `At the end of each epoch: ${learningRate.map((rate) => Number(rate.toPrecision(3))).join(', ')}.`,
  };
  return drawLearningRate(words, learningRate);
}

/** Two histograms of the seeds: what they end with, and from which epoch on they hold; none for a single run. */
export function seedsOf(iteration: Described): Drawing[] {
  const { runs, consistentAt } = iteration;
  if (runs.length < 2) return [];
  const held = iteration.targets.find(({ metric }) => metric === Metric.heldTestAccuracy);
  const never = Math.max(...runs.map(({ testAccuracy }) => testAccuracy.length)) + 1;
  const ends = runs.map(({ seed, testAccuracy }) => ({ seed, value: testAccuracy.at(-1) ?? 0 }));
  const firsts = runs.map(({ seed, consistentFrom }) => ({ seed, value: consistentFrom ?? never }));
  const words = (what: string, figures: readonly { readonly value: number }[]) => ({
    title: `${what}, ${count(runs.length, 'seed')} of ${nameOf(iteration)}`,
    description: `${figures.map(({ value }) => String(Number(value.toFixed(2)))).join(', ')}.`,
  });
  const latest = held?.from;
  return [
    drawSeeds(
      words('Test accuracy after the last epoch', ends),
      ends.map((end) => ({ ...end, met: end.value >= consistentAt })),
      { label: 'test accuracy after the last epoch, %', line: consistentAt, step: 0.01 },
    ),
    drawSeeds(
      words(`First epoch from which ${consistentAt} % is held`, firsts),
      firsts.map((first) => ({ ...first, met: first.value <= (latest ?? never - 1) })),
      {
        label: `first epoch from which ${consistentAt} % is held (${never}: never)`,
        step: 1,
        ...(latest === undefined ? {} : { line: latest }),
      },
    ),
  ];
}

function nameOf({ id, name }: Described): string {
  return oneLine(id === name ? id : `${id} (${name})`, NAME);
}

function runOf({ seed, testAccuracy, trainAccuracy }: Described['runs'][number]): Run {
  return { seed, test: testAccuracy, train: trainAccuracy };
}

function last({ testAccuracy }: Described): number {
  return testAccuracy.at(-1) ?? 0;
}

function diagonal({ confusion }: Described): number {
  return confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
}

function perCent(value: number): string {
  return `${value.toFixed(2)} %`;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;
}
