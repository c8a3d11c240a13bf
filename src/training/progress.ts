import { percent } from '../record.ts';
import type { Progress } from './train.ts';

/** A line an epoch: for logs, and where several networks train side by side. */
export function lineProgress(
  name: string,
  epochs: number,
  write: (line: string) => void = (line) => console.log(line),
): Progress {
  return {
    onStep: () => undefined,
    onEpoch(row) {
      const train = percent(row.trainCorrect, row.trainTotal).toFixed(2);
      const test = percent(row.testCorrect, row.testTotal).toFixed(2);
      const left = ((epochs - row.epoch) * row.seconds).toFixed(0);
      write(
        `${name}  epoch ${String(row.epoch).padStart(2)}/${epochs}  train ${train} %  test ${test} %  ${row.seconds.toFixed(1)} s  (${left} s left)`,
      );
    },
  };
}
