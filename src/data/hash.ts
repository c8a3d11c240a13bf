import type { Dataset } from './dataset.ts';
import { imagesFile, labelsFile } from './idx-files.ts';
import { combinedSha256, sha256Of } from './sha256.ts';

/**
 * SHA-256 of the images and labels themselves: `combinedSha256` of the IDX files that would hold them (train images, train
 * labels, test images, test labels), so that for MNIST it is that of the published files. Labels of more than 256 classes are
 * shorts there, channels a fourth dimension.
 */
export function hashOf({ classes, train, test }: Pick<Dataset, 'classes' | 'train' | 'test'>): string {
  return combinedSha256(
    [train, test].flatMap((set) => [sha256Of(imagesFile(set)), sha256Of(labelsFile(set, classes))]),
  );
}
