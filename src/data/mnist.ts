import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GateError } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { Dataset } from './dataset.ts';
import { downloadProgress } from './download-progress.ts';
import { downloadMnistFile } from './mnist-download.ts';
import type { DownloadOptions } from './mnist-download.ts';
import { MNIST_CLASSES, MNIST_FILES, MNIST_MIRRORS, MNIST_SIDE } from './mnist-files.ts';
import type { MnistFile, MnistFiles } from './mnist-files.ts';
import { locate, readMnistFile } from './mnist-folder.ts';
import { isGzip } from './mnist-verify.ts';
import type { VerifiedFile } from './mnist-verify.ts';
import { combinedSha256 } from './sha256.ts';
import { commandLine } from '../command-line.ts';

/** `Dataset.sha256` of MNIST, known without the files. */
export const MNIST_SHA256 = combinedSha256(MNIST_FILES.map((file) => file.sha256));

/** Relative to the working folder, unless MNIST_CACHE names another. */
const CACHE_FOLDER = '.cache/mnist';
/** A mirror that sends nothing for so long is given up. */
const TIMEOUT_MS = 20_000;

/** The edges of the world, so that tests can stand in for them; every default is the real one. */
export interface MnistOptions extends Partial<DownloadOptions> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly files?: MnistFiles;
  /** Told of each file once it is verified. */
  readonly onFile?: (file: VerifiedFile) => void;
}

/**
 * MNIST: from the folder that MNIST_DIR names; else from the cache folder; what that lacks is downloaded into it.
 * Every file is verified before use. Throws a GateError naming the file, what was expected, found, and what to do.
 */
export async function loadMnist(options: MnistOptions = {}): Promise<Dataset> {
  const { folder, isCache } = placeOf(options);
  return load(folder, options, (file) =>
    isCache ? readOrDownload(folder, file, options) : readGiven(folder, file),
  );
}

/**
 * MNIST without any download: undefined when MNIST_DIR is not set and the cache folder does not hold all four files.
 * Files that are there but wrong, and an MNIST_DIR that lacks one, are errors as for `loadMnist`.
 */
export async function findMnist(options: MnistOptions = {}): Promise<Dataset | undefined> {
  const { folder, isCache } = placeOf(options);
  if (!isCache) return loadMnist(options);
  const paths = await Promise.all((options.files ?? MNIST_FILES).map((file) => locate(folder, file)));
  return paths.includes(undefined) ? undefined : loadMnist(options);
}

function placeOf(options: MnistOptions): { readonly folder: string; readonly isCache: boolean } {
  const env = options.env ?? process.env;
  // An empty variable is what CI makes of one that is not defined: it counts as not set.
  if (env['MNIST_DIR']) return { folder: resolve(env['MNIST_DIR']), isCache: false };
  return { folder: resolve(env['MNIST_CACHE'] || CACHE_FOLDER), isCache: true };
}

async function load(
  folder: string,
  { files = MNIST_FILES, onFile }: MnistOptions,
  obtain: (file: MnistFile) => Promise<VerifiedFile>,
): Promise<Dataset> {
  const verified: VerifiedFile[] = [];
  for (const file of files) {
    verified.push(await obtain(file));
    onFile?.(verified.at(-1)!);
  }
  const set = (first: 0 | 2) => ({
    count: files[first].count,
    height: MNIST_SIDE,
    width: MNIST_SIDE,
    pixels: verified[first]!.values,
    labels: verified[first + 1]!.values,
  });
  return {
    name: 'MNIST',
    classes: MNIST_CLASSES,
    train: set(0),
    test: set(2),
    sha256: combinedSha256(verified.map((file) => file.sha256)),
    source: folder,
  };
}

async function readGiven(folder: string, file: MnistFile): Promise<VerifiedFile> {
  const path = await locate(folder, file);
  if (path === undefined) {
    throw new GateError(
      `${file.name} is missing: expected ${join(folder, file.name)} or the same with .gz, found neither. ` +
        'Put the four files of MNIST there, or unset MNIST_DIR to use the cache or a download.',
    );
  }
  return readMnistFile(
    path,
    file,
    'Replace this file by the original one, or unset MNIST_DIR to use the cache or a download.',
  );
}

async function readOrDownload(folder: string, file: MnistFile, options: MnistOptions): Promise<VerifiedFile> {
  const cached = await locate(folder, file);
  if (cached !== undefined) {
    return readMnistFile(
      cached,
      file,
      `Delete this file and run \`${commandLine('mnist')}\` to download it again.`,
    );
  }
  const { stored, verified } = await downloadMnistFile(file, {
    mirrors: MNIST_MIRRORS,
    fetch,
    sleep,
    timeoutMs: TIMEOUT_MS,
    progress: downloadProgress(),
    ...options,
  });
  const path = join(folder, isGzip(stored) ? `${file.name}.gz` : file.name);
  writeWhole(path, stored, 'Free some space, or set MNIST_CACHE to a folder that you can write to.');
  return { ...verified, path };
}
