/** Mean and standard deviation of pixel values on the scale 0 (black) to 1 (white). */
export interface PixelStatistics {
  readonly mean: number;
  readonly std: number;
}

/** Of the 60,000 x 784 training pixels of MNIST, rounded to four digits. */
export const MNIST_PIXELS: PixelStatistics = { mean: 0.1307, std: 0.3081 };

/** What each of the 256 pixel values becomes: (value / 255 - mean) / std. */
export function normalization({ mean, std }: PixelStatistics = MNIST_PIXELS): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / std);
}
