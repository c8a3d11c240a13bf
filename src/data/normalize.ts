import { GateError } from '../errors.ts';
import { type ImageSet, imageSize } from './dataset.ts';

/** Mean and standard deviation of pixel values on the scale 0 (black) to 1 (white), a value a channel. */
export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Of the 60,000 x 784 training pixels of MNIST: what `statisticsOf` says of them. */
export const MNIST_PIXELS: PixelStatistics = { mean: [0.1307], std: [0.3081] };

/** The statistics that an engine is given, else MNIST's, which are of one channel; an Error where they are not of all `channels`. */
export function statisticsFor(channels: number, given: PixelStatistics = MNIST_PIXELS): PixelStatistics {
  if (given.mean.length === channels) return given;
  throw new Error(`pixel statistics of ${given.mean.length} channels for images of ${channels}`);
}

/** What each of the 256 values of a channel becomes: (value / 255 - mean) / std; [channels][256]. */
export function normalization({ mean, std }: PixelStatistics = MNIST_PIXELS): Float32Array {
  return Float32Array.from({ length: 256 * mean.length }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) / 255 - mean[channel]!) / std[channel]!;
  });
}

/** Whose squares add up to less than 2^31: 255 x 255 x 32,768 is 2,130,739,200. */
const PIXELS_AT_A_TIME = 32_768;

/** Of all pixels of `set`, rounded to four digits; the deviation of a channel that never changes counts as 1. */
export function statisticsOf(set: ImageSet): PixelStatistics {
  const { channels = 1, pixels } = set;
  const values = set.count * (imageSize(set) / channels);
  const all = Array.from({ length: channels }, (_, channel) => {
    // Whole numbers, thus exact; so few at a time that they fit into 32 bits, which is more than twice as fast as counting each of the 256 values.
    let [sum, squares] = [0, 0];
    const stride = PIXELS_AT_A_TIME * channels;
    for (let from = channel; from < pixels.length; from += stride) {
      const to = Math.min(pixels.length, from + stride);
      let [some, someSquares] = [0, 0];
      for (let i = from; i < to; i += channels) {
        const value = pixels[i]!;
        some = (some + value) | 0;
        someSquares = (someSquares + value * value) | 0;
      }
      sum += some;
      squares += someSquares;
    }
    const mean = sum / values;
    return [mean / 255, Math.sqrt(Math.max(0, squares / values - mean * mean)) / 255] as const;
  });
  return { mean: all.map(([mean]) => rounded(mean)), std: all.map(([, std]) => rounded(std) || 1) };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/**
 * What a run's images are normalized by: the recipe's own values, else those of the training images. Throws GateError where the
 * recipe has not one value a channel.
 */
export function pixelStatistics(
  { normalization: given }: { readonly normalization?: PixelStatistics },
  train: ImageSet,
): PixelStatistics {
  const { channels = 1 } = train;
  if (given !== undefined && given.mean.length !== channels) {
    throw new GateError(
      `The recipe normalizes ${given.mean.length} channels, but the images have ${channels}. Give mean and std one value a channel, or leave normalization out.`,
    );
  }
  return given ?? statisticsOf(train);
}
