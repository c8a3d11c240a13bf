/** One of the four files of MNIST: its name without `.gz`, and what must be in it. */
export interface MnistFile {
  readonly name: string;
  readonly type: 'images' | 'labels';
  readonly count: number;
  /** SHA-256 of the uncompressed file: the gzipped ones differ from mirror to mirror. */
  readonly sha256: string;
}

/** The files in the order train images, train labels, test images, test labels. */
export type MnistFiles = readonly [MnistFile, MnistFile, MnistFile, MnistFile];

/** Height and width of an image, in pixels. */
export const MNIST_SIDE = 28;
export const MNIST_CLASSES = 10;

/** MNIST as published by LeCun, Cortes and Burges (http://yann.lecun.com/exdb/mnist/). */
export const MNIST_FILES: MnistFiles = [
  {
    name: 'train-images-idx3-ubyte',
    type: 'images',
    count: 60_000,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  {
    name: 'train-labels-idx1-ubyte',
    type: 'labels',
    count: 60_000,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  {
    name: 't10k-images-idx3-ubyte',
    type: 'images',
    count: 10_000,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  {
    name: 't10k-labels-idx1-ubyte',
    type: 'labels',
    count: 10_000,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
];

/** Public copies of the gzipped files: `<mirror>/<name>.gz`. */
export const MNIST_MIRRORS: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist',
  'https://storage.googleapis.com/cvdf-datasets/mnist',
];
