import type { Dataset } from '../data/dataset.ts';
import { ExitCode, GateError } from '../errors.ts';
import type { Curve } from '../logs/curve.ts';
import type { Measured, Measuring } from './measure.ts';
import { fittingNormalization } from './normalizations.ts';

export interface Tolerance {
  /** Test images that may be read otherwise than the log's last epoch says, beside what its digits leave open. Absent: 2. */
  readonly images?: number;
  /** Of the log's last test loss. Absent: 0.01, as frameworks average the losses of batches of unequal size. */
  readonly loss?: number;
}

/** Share of the test images below the log's: further off, other weights are likelier than a log that claims more. */
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
  const fitsCount = ({ correct }: Measured) => Math.abs(correct - expected) <= room;
  const fitsLoss = ({ loss }: Measured) =>
    Math.abs(loss - last.testLoss) <= (tolerance.loss ?? 0.01) * Math.max(last.testLoss, loss);
  if (!fitsCount(measured)) {
    const share = measured.correct / count;
    if (share > last.testAccuracy) {
      throw missing(
        `${told}: the network reads ${Math.round(measured.correct - expected)} images more than its log says: it is not the network of the last epoch. Export that one.`,
      );
    }
    const fitting = await fittingNormalization(measuring, data, {
      share: last.testAccuracy,
      fits: (other) => fitsCount(other) && fitsLoss(other),
    });
    if (fitting !== undefined) {
      throw missing(`${told}: it was trained with another normalization. Say ${fitting}.`);
    }
    throw missing(
      share < last.testAccuracy - FAR
        ? `${told}: these are not the weights that the log speaks of, or not its test images. Export the network that the last epoch left, in evaluation mode.`
        : `${told}: the log claims ${Math.round(expected - measured.correct)} images more than the network reads. Export the network that the last epoch left; a best checkpoint has a log of its own.`,
    );
  }
  if (!fitsLoss(measured)) {
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
