import { type Epoch, percent } from '../record.ts';
import type { Progress } from './train.ts';

/** What the images are called that are measured after each epoch: a recipe is chosen on others than it is judged on. */
export type Measured = 'test' | 'validation';

/**
 * "epoch  3/15  LR 0.0500  train 98.71 %  test 99.05 %  6.2 s": at most 80 columns. Images that the recipe itself sets apart have their
 * own figure.
 */
export function epochLine(row: Epoch, epochs: number, measured: Measured = 'test'): string {
  const { epoch, learningRate, seconds, validationCorrect, validationTotal } = row;
  const share = (correct: number, total: number) => `${percent(correct, total).toFixed(2)} %`;
  const apart = measured === 'test' ? 'validation' : 'set apart';
  return [
    `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `LR ${learningRate.toPrecision(3)}`,
    `train ${share(row.trainCorrect, row.trainTotal)}`,
    ...(validationCorrect === undefined || validationTotal === undefined
      ? []
      : [`${apart} ${share(validationCorrect, validationTotal)}`]),
    `${measured} ${share(row.testCorrect, row.testTotal)}`,
    `${seconds.toFixed(1)} s`,
  ].join('  ');
}

/** A line an epoch: for logs, and where several networks train side by side. */
export function lineProgress(
  name: string,
  epochs: number,
  { measured = 'test', write = console.log }: LineOptions = {},
): Progress {
  return {
    onStep: () => undefined,
    onNotice: (line) => write(`${name}  ${line}`),
    onResume: (done) => write(`${name}  goes on after epoch ${done.length} of ${epochs}`),
    onEpoch(row) {
      const left = ((epochs - row.epoch) * row.seconds).toFixed(0);
      write(`${name}  ${epochLine(row, epochs, measured)}  (${left} s left)`);
    },
  };
}

export interface LineOptions {
  readonly measured?: Measured;
  readonly write?: (line: string) => void;
}
