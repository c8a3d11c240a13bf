import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Dataset } from '../data/dataset.ts';
import { findMnist } from '../data/mnist.ts';
import { GateError, messageOf } from '../errors.ts';
import type { LabelledData } from '../own-model/epoch-recorder.ts';
import { commandLine } from '../command-line.ts';

/** What the judge measures on: images in bytes, as this project trains on; or the inputs of a model of one's own. */
export type JudgeData = Dataset | LabelledData;

/** Found without a download, verified by its hashes before use. */
const MNIST = 'mnist';

/**
 * The judge's own data: "mnist", or a module of the judge's check-out (never of the one that is judged) that exports
 * `data`. Throws GateError where it cannot be had.
 */
export async function loadJudgeData(name: string): Promise<JudgeData> {
  if (name === MNIST) {
    const found = await findMnist();
    if (found) return found;
    throw new GateError(
      `The judge measures every record again and has no MNIST: set MNIST_DIR to the folder with the four files, or run \`${commandLine('mnist')}\` first.`,
    );
  }
  const file = resolve(name);
  if (!existsSync(file)) {
    throw new GateError(
      `--data ${name}: expected "${MNIST}" or the file of a module that exports data; there is no such file.`,
    );
  }
  const { data } = await load(file);
  if (isData(data)) return data;
  throw new GateError(
    `--data ${name}: expected a module that exports data, { name, train, test }; it does not.`,
  );
}

export function isImages(data: JudgeData): data is Dataset {
  return 'pixels' in data.train;
}

async function load(file: string): Promise<{ readonly data?: unknown }> {
  try {
    return (await import(pathToFileURL(file).href)) as { readonly data?: unknown };
  } catch (error) {
    throw new GateError(`--data ${file} cannot be loaded: ${messageOf(error)}`);
  }
}

function isData(value: unknown): value is JudgeData {
  if (typeof value !== 'object' || value === null) return false;
  return ['name', 'train', 'test'].every((key) => key in value);
}
