import type { Dataset } from '../data/dataset.ts';
import { ExitCode, GateError } from '../errors.ts';
import type { Curve } from '../logs/curve.ts';
import type { Measured, Measuring } from './measure.ts';
import { betterNormalization } from './normalizations.ts';

export interface Tolerance {
  /** Test images that may be read otherwise than the log's last epoch says, beside what its digits leave open. Absent: 2. */
  readonly images?: number;
  /** Of the log's last test loss. Absent: 0.01, as frameworks average the losses of batches of unequal size. */
  readonly loss?: number;
}

/** Points of accuracy below the log's: further off, other weights or other pixels are likelier than a log that claims more. */
const FAR = 0.05;

interface Comparison {
  readonly measuring: Measuring;
  readonly measured: Measured;
  readonly data: Dataset;
  readonly curve: Curve;
  /** The log's path, for messages. */
  readonly log: string;
  readonly tolerance: Tolerance;
}

/** Throws GateError where the file does not read the test images as its log's last epoch says, with the likeliest reason. */
export async function checkAgainstLog(comparison: Comparison): Promise<void> {
  const { measuring, measured, data, curve, log, tolerance } = comparison;
  const { count } = data.test;
  const last = curve.epochs.at(-1)!;
  const expected = last.testAccuracy * count;
  const room = (tolerance.images ?? 2) + last.rounding * count + 1e-6;
  const told = `${log} ends with ${percent(last.testAccuracy)} of the test images right (epoch ${last.epoch}), ${measuring.file.file} reads ${measured.correct} of ${count} right (${percent(measured.correct / count)})`;
  if (Math.abs(measured.correct - expected) > room) {
    const share = measured.correct / count;
    if (share < last.testAccuracy - FAR) {
      const better = await betterNormalization(measuring, data.test, data.train, last.testAccuracy);
      throw missing(
        better === undefined
          ? `${told}: these are not the weights that the log speaks of, or not its test images. Export the network that the last epoch left, in evaluation mode.`
          : `${told}: it was trained with another normalization. Say ${better}.`,
      );
    }
    throw missing(
      share < last.testAccuracy
        ? `${told}: the log claims ${Math.round(expected - measured.correct)} images more than the network reads. Export the network that the last epoch left; a best checkpoint has a log of its own.`
        : `${told}: the network reads ${Math.round(measured.correct - expected)} images more than its log says: it is not the network of the last epoch. Export that one.`,
    );
  }
  const apart = Math.abs(measured.loss - last.testLoss);
  if (!(apart <= (tolerance.loss ?? 0.01) * Math.max(last.testLoss, measured.loss))) {
    throw missing(
      `${log} ends with a test loss of ${last.testLoss}, measured just now: ${measured.loss} (cross-entropy of ${measuring.output}). Log the mean cross-entropy over the test images without label smoothing; or say what the output is (output), or how far off it may be (tolerance: { loss }).`,
    );
  }
}

function missing(message: string): GateError {
  return new GateError(message, ExitCode.missing);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
