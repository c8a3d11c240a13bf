import { toPlain } from '../figure.ts';
import type { StudyRun } from './schema.ts';

/** Where two runs of one seed stop being the same. */
export interface Parting {
  /** The first epoch that differs; after the last one where only the trained network's description does. */
  readonly epoch: number;
  readonly figure: string;
  readonly recorded: string;
  readonly replayed: string;
}

/** In the order in which they come about within an epoch. */
const FIGURES = ['trainCorrect', 'trainLoss', 'weights', 'testCorrect', 'testLoss'] as const;

const WORDS: Readonly<Record<(typeof FIGURES)[number], string>> = {
  trainCorrect: 'training images right',
  trainLoss: 'train loss',
  weights: "the weights' SHA-256",
  testCorrect: 'test images right',
  testLoss: 'test loss',
};

/** The first difference of two runs, epoch by epoch and figure by figure; undefined: equal to the bit. Seconds do not count. Pure. */
export function partingOf(recorded: StudyRun, replayed: StudyRun): Parting | undefined {
  const epochs = Math.max(...FIGURES.flatMap((key) => [recorded[key].length, replayed[key].length]));
  for (let i = 0; i < epochs; i++) {
    for (const key of FIGURES) {
      const [before, now] = [recorded[key][i], replayed[key][i]];
      if (!Object.is(before, now)) return parting(i + 1, WORDS[key], before, now);
    }
  }
  for (const [key, figure] of [
    ['validation', 'validation figures'],
    ['mistakes', 'images read wrong'],
    ['dead', 'dead channels'],
  ] as const) {
    const [before, now] = [recorded, replayed].map((run) => JSON.stringify(toPlain(run[key])));
    if (before !== now) return parting(epochs, figure, before, now);
  }
  return undefined;
}

function parting(epoch: number, figure: string, recorded: unknown, replayed: unknown): Parting {
  return { epoch, figure, recorded: short(recorded), replayed: short(replayed) };
}

const LONGEST_TEXT = 80;

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : String(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}
