import { type Dataset, type ImageSet, slice } from '../data/dataset.ts';
import { MNIST_PIXELS, type PixelStatistics, statisticsOf } from '../data/normalize.ts';
import { measure, type Measured, type Measuring } from './measure.ts';

/** A normalization that people use, and how it is said. */
interface Candidate {
  readonly name: string;
  readonly statistics: PixelStatistics;
}

/**
 * Another normalization than the stated one, under which what the file answers to all test images `fits` its log: that is then
 * what it was trained with. Undefined: none of the usual ones is.
 */
export async function fittingNormalization(
  measuring: Measuring,
  { train, test }: Pick<Dataset, 'train' | 'test'>,
  { share, fits }: { readonly share: number; readonly fits: (measured: Measured) => boolean },
): Promise<string | undefined> {
  const few = slice(test, 0, Math.min(FEW, test.count));
  for (const { name, statistics } of candidates(train)) {
    const other = { ...measuring, statistics };
    const { correct } = await measure(other, few);
    if (correct < few.count * (share - NEAR)) continue;
    if (fits(await measure(other, test))) return name;
  }
  return undefined;
}

/** Images that tell what is far off, and how far: they need not all be looked at. */
const FEW = 500;
const NEAR = 0.03;

function candidates(train: ImageSet): readonly Candidate[] {
  const { channels = 1 } = train;
  const all = (value: number) => Array.from({ length: channels }, () => value);
  const own = statisticsOf(train);
  const said = (statistics: PixelStatistics) =>
    `normalization: { mean: [${statistics.mean.join(', ')}], std: [${statistics.std.join(', ')}] }`;
  return [
    own,
    ...(channels === 1 ? [MNIST_PIXELS] : []),
    { mean: all(0), std: all(1) },
    { mean: all(0.5), std: all(0.5) },
    { mean: all(0), std: all(1 / 255) },
    { mean: all(0.5), std: all(1) },
    // Black on white.
    { mean: all(1), std: all(-1) },
    { mean: own.mean.map((mean) => 1 - mean), std: own.std.map((std) => -std) },
  ].map((statistics) => ({ name: said(statistics), statistics }));
}
